import { formatQuantity, tryParseQuantity } from '../quantity.ts';
import type { ResourceList } from './container.ts';

const shortModes: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** `RWO,ROX`: access modes as columns print them. */
export function accessModesText(modes: readonly string[] | undefined): string {
  return [...new Set(modes)].map((mode) => shortModes[mode] ?? mode).join(',');
}

/** The canonical amount of storage, or nothing. */
export function storageText(list: ResourceList | undefined): string {
  const amount = list?.['storage'];
  const quantity = amount === undefined ? undefined : tryParseQuantity(amount);
  return quantity === undefined ? '' : formatQuantity(quantity);
}

export const accessModes = Object.keys(shortModes);
