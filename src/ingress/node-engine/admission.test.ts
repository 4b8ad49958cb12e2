import { admissionSuite } from '../testing/admission-suite.ts';
import { NodeEngine } from './node-engine.ts';

admissionSuite('node engine', (options) => NodeEngine.start(options));
