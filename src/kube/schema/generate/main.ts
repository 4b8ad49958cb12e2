/** Writes `../gen`: run it after raising the version in `scripts/kubernetes-client.mjs`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { descriptionsFile, schemasFile, serializeSchemas } from '../compact.ts';
import { generate } from './encode.ts';

const { schemas, descriptions } = await generate();
mkdirSync(new URL('.', schemasFile), { recursive: true });
writeFileSync(schemasFile, serializeSchemas(schemas));
writeFileSync(descriptionsFile, gzipSync(JSON.stringify(descriptions), { level: 9 }));
