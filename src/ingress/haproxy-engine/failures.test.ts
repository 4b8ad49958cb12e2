import { failureSuite } from '../testing/failure-suite.ts';
import { HaproxyEngine } from './haproxy-engine.ts';
import { whereHaproxyIs } from './testing/where-haproxy-is.ts';

whereHaproxyIs(() => failureSuite('haproxy engine', (options) => HaproxyEngine.start(options)));
