import { protocolSuite } from '../testing/protocol-suite.ts';
import { NodeEngine } from './node-engine.ts';

protocolSuite('node engine', (options) => NodeEngine.start(options));
