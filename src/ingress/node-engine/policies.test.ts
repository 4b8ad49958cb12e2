import { policySuite } from '../testing/policy-suite.ts';
import { NodeEngine } from './node-engine.ts';

policySuite('node engine', (options) => NodeEngine.start(options));
