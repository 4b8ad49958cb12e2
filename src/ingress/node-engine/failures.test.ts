import { failureSuite } from '../testing/failure-suite.ts';
import { NodeEngine } from './node-engine.ts';

failureSuite('node engine', (options) => NodeEngine.start(options));
