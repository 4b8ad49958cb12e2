import { routingSuite } from '../testing/engine-suite.ts';
import { NodeEngine } from './node-engine.ts';

routingSuite('node engine', (options) => NodeEngine.start(options));
