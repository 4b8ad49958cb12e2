import { dirname } from 'node:path';
import { removeCgroup, type Cgroups } from './cgroups.ts';

/** The cgroups of pods, each the parent of its containers': the last container takes it away. */
export class PodCgroups {
  readonly #cgroups: Cgroups;
  readonly #users = new Map<string, number>();

  constructor(cgroups: Cgroups) {
    this.#cgroups = cgroups;
  }

  /** @param cgroup a container's */
  use(cgroup: string): void {
    const pod = dirname(cgroup);
    this.#users.set(pod, (this.#users.get(pod) ?? 0) + 1);
  }

  leave(cgroup: string): void {
    const pod = dirname(cgroup);
    const users = (this.#users.get(pod) ?? 1) - 1;
    if (users > 0) {
      this.#users.set(pod, users);
      return;
    }
    this.#users.delete(pod);
    removeCgroup(this.#cgroups, pod);
  }
}
