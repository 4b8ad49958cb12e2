export { openSqliteStore, type SqliteStoreOptions } from './sqlite/sqlite-store.ts';
export type {
  Store,
  StoreEvent,
  StoreEventType,
  StoreKey,
  StoreList,
  StoreWatch,
  WatchHandlers,
} from './store.ts';
