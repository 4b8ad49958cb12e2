import { tlsSuite } from '../testing/tls-suite.ts';
import { HaproxyEngine } from './haproxy-engine.ts';
import { whereHaproxyIs } from './testing/where-haproxy-is.ts';

whereHaproxyIs(() => tlsSuite('haproxy engine', (options) => HaproxyEngine.start(options)));
