import { policySuite } from '../testing/policy-suite.ts';
import { HaproxyEngine } from './haproxy-engine.ts';

policySuite('haproxy engine', (options) => HaproxyEngine.start(options));
