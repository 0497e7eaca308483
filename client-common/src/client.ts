import type { Client, ClientOptions } from './api/client.ts';

/** Makes a client. It does nothing until `start()`. */
export function createClient(options: ClientOptions): Client {
  throw new Error(`Not built yet: ${options.url}`);
}
