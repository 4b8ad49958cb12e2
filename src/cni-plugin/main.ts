// The program that `bin/portolan-cni` starts: a CNI plugin as section 2 of the specification wants it.
import { text } from 'node:stream/consumers';
// Past the room's index, whose other parts (events, datagrams) a process of a tenth of a second has no use for.
import { createKernel } from '../kernel/create-kernel.ts';
import { runPlugin } from './run-plugin.ts';

const { code, output } = await runPlugin(process.env, await text(process.stdin), createKernel);
process.stdout.write(output);
process.exitCode = code;
