import { tlsSuite } from '../testing/tls-suite.ts';
import { HaproxyEngine } from './haproxy-engine.ts';

tlsSuite('haproxy engine', (options) => HaproxyEngine.start(options));
