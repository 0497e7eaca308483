import { randomBytes } from 'node:crypto';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectStoreSettings } from '@parley/backend-common';
import { startVersitygw, type Versitygw } from '@parley/dev';

import { describeObjectStore } from '../support/object-store/conformance.ts';

describe('a strict object store', () => {
  let folder: string;
  let gateway: Versitygw | undefined;

  async function start(): Promise<ObjectStoreSettings> {
    folder = await mkdtemp(join(tmpdir(), 'parley-versitygw-'));
    const data = join(folder, 'data');
    await mkdir(data);
    const secret = { accessKeyId: 'parley', secretAccessKey: randomBytes(24).toString('hex') };
    gateway = await startVersitygw(data, secret);
    const { url } = gateway;
    return { endpoint: url, publicEndpoint: url, region: 'us-east-1', bucket: 'files', secret };
  }

  after(async () => {
    await gateway?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  describeObjectStore('versitygw', start);
});
