import type { Registry } from '../registry/registry.ts';

export class CustomKinds {
  static async start(_registry: Registry): Promise<CustomKinds> {
    return new CustomKinds();
  }
  close(): void {}
}
