import { protocolSuite } from '../testing/protocol-suite.ts';
import { HaproxyEngine } from './haproxy-engine.ts';

protocolSuite('haproxy engine', (options) => HaproxyEngine.start(options));
