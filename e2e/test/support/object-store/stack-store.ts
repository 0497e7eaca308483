import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { S3ObjectStore } from '@parley/backend-common';
import { testObjectStore } from '@parley/backend-common/testing';
import type { Stack } from '@parley/dev';

/** The embedded object store of a stack, as its services use it; the test closes it. */
export async function storeOf(stack: Stack): Promise<S3ObjectStore> {
  const url = stack.parts().find(({ kind }) => kind === 'object-store')!.url;
  const keys = await readFile(join(stack.dataDir, 'object-store-keys'), 'utf8');
  const secret = JSON.parse(keys) as { accessKeyId: string; secretAccessKey: string };
  const address = { endpoint: url, publicEndpoint: url, region: 'us-east-1' };
  return testObjectStore({ settings: { ...address, bucket: 'parley', secret } });
}
