import { writeFileSync } from 'node:fs';
import { captureNft } from './capture.ts';
import { nftCases } from './nft-cases.ts';

// Run by hand, as root, after a change of the cases: writes what nft sends for each of them.
const captures = nftCases.map(({ setup, command }) => captureNft(setup, command));
const path = new URL('../testdata/captures.json', import.meta.url);
writeFileSync(path, `${JSON.stringify(captures, null, 1)}\n`);
