import { protocolSuite } from '../testing/protocol-suite.ts';
import { HaproxyEngine } from './haproxy-engine.ts';
import { whereHaproxyIs } from './testing/where-haproxy-is.ts';

whereHaproxyIs(() => protocolSuite('haproxy engine', (options) => HaproxyEngine.start(options)));
