import type { StreamingUpgrade } from './contract.ts';

/** See {@link HandleUpgrade}. */
export async function handleUpgrade(upgrade: StreamingUpgrade): Promise<void> {
  upgrade.socket.destroy();
}
