import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setUpBucket } from '@parley/backend-common';
import { objectStoreVariables, testObjectStoreSettings } from '@parley/backend-common/testing';

import { assertFound, examined } from './support/examined.ts';
import { freePort } from './support/free-port.ts';

const ORIGIN = 'https://chat.example.org';

describe('the doctor, of the object store', () => {
  it('finds nothing wrong with a bucket that was set up', async () => {
    const settings = testObjectStoreSettings();
    await setUpBucket(settings, [ORIGIN], () => undefined);
    const env = { ...objectStoreVariables(settings), PARLEY_ORIGINS: ORIGIN };
    assertFound(await examined(env), 'object-store', { status: 'ok' });
  });

  it('finds CORS rules that refuse the pages of PARLEY_ORIGINS', async () => {
    const settings = testObjectStoreSettings();
    await setUpBucket(settings, [ORIGIN], () => undefined);
    const env = { ...objectStoreVariables(settings), PARLEY_ORIGINS: 'https://new.example.org' };
    assertFound(await examined(env), 'object-store', {
      status: 'failure',
      message: /do not let pages of https:\/\/new\.example\.org upload/,
      mend: /npm run bucket:setup/,
    });
  });

  it('finds that there is no bucket', async () => {
    const env = objectStoreVariables({ ...testObjectStoreSettings(), bucket: 'never-created' });
    assertFound(await examined(env), 'object-store', {
      status: 'failure',
      message: /There is no bucket never-created/,
    });
  });

  it('finds keys that the store does not accept', async () => {
    const settings = testObjectStoreSettings();
    const secret = { accessKeyId: 'nobody', secretAccessKey: 'wrong-secret-key' };
    const found = await examined(objectStoreVariables({ ...settings, secret }));
    assertFound(found, 'object-store', { status: 'failure', message: /S3_ACCESS_KEY_ID/ });
  });

  it('finds a store that does not answer', async () => {
    const settings = {
      ...testObjectStoreSettings(),
      endpoint: `http://127.0.0.1:${await freePort()}`,
    };
    const found = await examined(objectStoreVariables(settings));
    assertFound(found, 'object-store', { status: 'failure', mend: /S3_ENDPOINT/ });
    assertFound(found, 'object-store-lifecycle', { status: 'skipped' });
  });

  for (const [name, answer, status] of [
    [
      'aborts',
      [
        200,
        '<AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation></AbortIncompleteMultipartUpload>',
      ],
      'ok',
    ],
    ['does not abort', [404, ''], 'warning'],
    ['does not say whether it aborts', [501, ''], 'skipped'],
  ] as const) {
    it(`says when a bucket ${name} incomplete uploads`, async () => {
      const [code, rule] = answer;
      const body =
        code === 200
          ? `<LifecycleConfiguration><Rule><ID>a</ID><Prefix></Prefix><Status>Enabled</Status>${rule}</Rule></LifecycleConfiguration>`
          : `<Error><Code>${code === 404 ? 'NoSuchLifecycleConfiguration' : 'NotImplemented'}</Code></Error>`;
      await using store = await serving((path) =>
        path.includes('lifecycle') ? [code, body] : [200, ''],
      );
      const found = await examined(
        objectStoreVariables({ ...testObjectStoreSettings(), endpoint: store.url }),
      );
      assertFound(found, 'object-store-lifecycle', { status });
    });
  }
});

describe('the doctor, of ports and addresses', () => {
  it('finds free ports', async () => {
    const found = await examined({ PORT: String(await freePort()) });
    assertFound(found, 'ports', { status: 'ok', message: /is free/ });
  });

  it('finds a port that another program holds', async () => {
    const server = createTcpServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const found = await examined({ PORT: String(port) });
    server.close();
    assertFound(found, 'ports', { status: 'failure', message: /held by another program/ });
  });

  it('recognises services of Parley on their ports', async () => {
    await using service = await serving((path) =>
      path === '/healthz' ? [200, '{"ok":true}'] : [404, ''],
    );
    const found = await examined({ PORT: new URL(service.url).port });
    assertFound(found, 'ports', { status: 'ok', message: /held by a service of Parley/ });
  });

  it('finds an address that this machine does not have', async () => {
    const found = await examined({ HOST: '192.0.2.1', PORT: '18080' });
    assertFound(found, 'ports', { status: 'failure', message: /EADDRNOTAVAIL/, mend: /HOST/ });
  });

  it('finds a public origin that does not lead to Parley, and one that does', async () => {
    await using foreign = await serving(() => [200, '<html></html>']);
    await using parley = await serving((path) =>
      path === '/api/meta' ? [200, '{"contract":{"revision":1}}'] : [404, ''],
    );
    const wrong = await examined({ PARLEY_PUBLIC_ORIGIN: foreign.url });
    assertFound(wrong, 'public-origin', { status: 'failure', message: /not by Parley/ });
    assertFound(wrong, 'trusted-proxies', { status: 'warning', message: /all clients as one/ });
    const right = await examined({
      PARLEY_PUBLIC_ORIGIN: parley.url,
      PARLEY_TRUSTED_PROXIES: '10.0.0.0/8',
    });
    for (const check of ['public-origin', 'trusted-proxies', 'origins']) {
      assertFound(right, check, { status: 'ok' });
    }
  });

  it('finds a range of proxies that contains every address', async () => {
    const found = await examined({ PARLEY_TRUSTED_PROXIES: '10.0.0.1,0.0.0.0/0' });
    assertFound(found, 'trusted-proxies', { status: 'failure', message: /0\.0\.0\.0\/0/ });
  });

  it('finds pages without TLS', async () => {
    const found = await examined({
      PARLEY_ORIGINS: 'http://chat.example.org,http://localhost:5173',
    });
    assertFound(found, 'origins', {
      status: 'warning',
      message: /^Pages of http:\/\/chat\.example\.org are/,
    });
  });

  it('finds a service that is not ready', async () => {
    await using auth = await serving(() => [503, '']);
    const found = await examined({ PARLEY_AUTH_URL: auth.url });
    assertFound(found, 'services', { status: 'warning', message: /it answers with 503/ });
  });
});

describe('the doctor, of this machine', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-doctor-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('accepts a log folder that can be written, and finds paths that are no folders', async () => {
    await writeFile(join(folder, 'file'), '');
    assertFound(await examined({ PARLEY_LOG_DIR: folder }), 'log-folder', { status: 'ok' });
    for (const path of ['file', 'file/logs']) {
      const found = await examined({ PARLEY_LOG_DIR: join(folder, path) });
      assertFound(found, 'log-folder', { status: 'failure', mend: /chown/ });
    }
  });

  it('finds a folder without the built pages', async () => {
    const built = join(folder, 'built');
    await mkdir(built);
    await writeFile(join(built, 'index.html'), '');
    const found = await examined({ PARLEY_WEB_ROOT: folder, PARLEY_DOCS_ROOT: built });
    assertFound(found, 'web-folders', { status: 'failure', message: /^PARLEY_WEB_ROOT, [^\n]*$/ });
    assertFound(await examined({ PARLEY_WEB_ROOT: built }), 'web-folders', { status: 'ok' });
  });

  for (const [nodeVersion, status] of [
    ['20.18.3', 'failure'],
    ['21.0.0', 'warning'],
    ['22.20.0', 'ok'],
    ['24.1.0', 'ok'],
  ] as const) {
    it(`says ${status} to Node ${nodeVersion}`, async () => {
      const found = await examined({}, { system: { nodeVersion } });
      assertFound(found, 'node-version', { status });
    });
  }

  it('asks Firebase whether it accepts the service account, and compares the projects', async () => {
    const path = join(folder, 'account.json');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const account = {
      client_email: 'push@example.org',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      project_id: 'ours',
    };
    await writeFile(path, JSON.stringify(account));
    const web = { apiKey: 'k', appId: 'a', messagingSenderId: '1', projectId: 'theirs' };
    const env = { GOOGLE_APPLICATION_CREDENTIALS: path };
    const failing = (message: string) => ({
      system: { exchange: () => Promise.reject(new Error(message)) },
    });
    assertFound(await examined(env), 'firebase', { status: 'ok', message: /project ours/ });
    const refused = await examined(env, failing('invalid_grant: Invalid JWT Signature.'));
    assertFound(refused, 'firebase', { status: 'failure', message: /invalid_grant/ });
    const away = await examined(env, failing('getaddrinfo ENOTFOUND oauth2.googleapis.com'));
    assertFound(away, 'firebase', { status: 'warning', mend: /port 443/ });
    const mixed = await examined({
      ...env,
      PARLEY_FIREBASE_WEB_CONFIG: JSON.stringify({ ...web, vapidKey: 'v'.repeat(87) }),
    });
    assertFound(mixed, 'firebase', { status: 'failure', message: /ours.*theirs/ });
  });
});

/** Starts an HTTP server whose answers depend on the path. */
async function serving(
  answer: (path: string) => readonly [status: number, body: string],
): Promise<{ readonly url: string } & AsyncDisposable> {
  const server: Server = createServer((request, response) => {
    const [status, body] = answer(request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
