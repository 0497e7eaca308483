export { fileStore, type FileStoreOptions, type FileSystem } from './file-store.ts';
