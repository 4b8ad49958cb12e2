import { execFileSync } from 'node:child_process';
import { TestKernel } from '../../kernel/testing/test-kernel.ts';
import { Nftables } from '../nftables.ts';

/** A network namespace of its own, with our nf_tables and the real `nft` in it. */
export interface FreshNftables {
  readonly test: TestKernel;
  readonly path: string;
  readonly nftables: Nftables;
  /** Runs nft commands in the namespace and returns what it prints. */
  nft(commands: string): string;
  dispose(): void;
}

export function freshNftables(): FreshNftables {
  const test = new TestKernel();
  const path = test.namespace('nft');
  const nftables = new Nftables(test.kernel.openNetfilterSocket(path));
  return {
    test,
    path,
    nftables,
    nft: (commands) => nftIn(path, commands),
    dispose() {
      nftables.close();
      test.dispose();
    },
  };
}

/** Runs nft commands in a pinned network namespace and returns what it prints. */
export function nftIn(path: string, commands: string): string {
  return execFileSync('nsenter', [`--net=${path}`, 'nft', '-f', '-'], {
    input: `${commands}\n`,
    encoding: 'utf8',
  });
}
