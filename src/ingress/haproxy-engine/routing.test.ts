import { routingSuite } from '../testing/engine-suite.ts';
import { HaproxyEngine } from './haproxy-engine.ts';

routingSuite('haproxy engine', (options) => HaproxyEngine.start(options));
