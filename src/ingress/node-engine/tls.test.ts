import { tlsSuite } from '../testing/tls-suite.ts';
import { NodeEngine } from './node-engine.ts';

tlsSuite('node engine', (options) => NodeEngine.start(options));
