import { admissionSuite } from '../testing/admission-suite.ts';
import { HaproxyEngine } from './haproxy-engine.ts';
import { whereHaproxyIs } from './testing/where-haproxy-is.ts';

whereHaproxyIs(() => admissionSuite('haproxy engine', (options) => HaproxyEngine.start(options)));
