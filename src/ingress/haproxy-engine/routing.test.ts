import { routingSuite } from '../testing/engine-suite.ts';
import { HaproxyEngine } from './haproxy-engine.ts';
import { whereHaproxyIs } from './testing/where-haproxy-is.ts';

whereHaproxyIs(() => routingSuite('haproxy engine', (options) => HaproxyEngine.start(options)));
