import type { EngineName, EngineOptions, IngressEngine } from './engine.ts';
import { findHaproxy } from './haproxy-engine/find-haproxy.ts';
import { HaproxyEngine } from './haproxy-engine/haproxy-engine.ts';
import { NodeEngine } from './node-engine/node-engine.ts';

/** An engine's name, or `auto`: HAProxy where the machine has it. */
export type EngineChoice = EngineName | 'auto';

/**
 * Starts the engine of a name. `auto` is HAProxy where its owner has put it on the machine, else the embedded one: both
 * pass the same suites, HAProxy carries several times the requests, and costs a process and some tens of milliseconds
 * at the start.
 */
export function createEngine(name: EngineChoice, options: EngineOptions): Promise<IngressEngine> {
  const isHaproxy = name === 'haproxy' || (name === 'auto' && findHaproxy() !== undefined);
  return isHaproxy ? HaproxyEngine.start(options) : NodeEngine.start(options);
}
