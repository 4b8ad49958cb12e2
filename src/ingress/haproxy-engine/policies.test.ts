import { policySuite } from '../testing/policy-suite.ts';
import { HaproxyEngine } from './haproxy-engine.ts';
import { whereHaproxyIs } from './testing/where-haproxy-is.ts';

whereHaproxyIs(() => policySuite('haproxy engine', (options) => HaproxyEngine.start(options)));
