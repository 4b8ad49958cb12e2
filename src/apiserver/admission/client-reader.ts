import type { Client } from '../../client/index.ts';
import { ApiError } from '../../kube/index.ts';
import type { AdmissionReader } from './contract.ts';

/** Reads through a client in the API server's own process: always what is stored now, never a cache. */
export function clientReader(client: Pick<Client, 'get' | 'list'>): AdmissionReader {
  return {
    async get(resource, ref) {
      try {
        return await client.get(resource, ref);
      } catch (error) {
        if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
        throw error;
      }
    },
    async list(resource, options = {}) {
      return (await client.list(resource, options)).items;
    },
  };
}
