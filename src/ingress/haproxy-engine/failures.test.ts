import { failureSuite } from '../testing/failure-suite.ts';
import { HaproxyEngine } from './haproxy-engine.ts';

failureSuite('haproxy engine', (options) => HaproxyEngine.start(options));
