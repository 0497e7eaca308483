import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { processEnvironment } from '../config.ts';
import { systemEnvironment } from '../processes/child-environment.ts';

/** The id of the Firebase project that the stand-in serves. */
export const PROJECT = 'parley-stand-in';
/** The host name of Firebase Cloud Messaging. */
export const HOST = 'fcm.googleapis.com';
const HOSTS = '*.googleapis.com';

/** A key and a certificate, both in PEM format. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Creates a certificate for Firebase's hosts. Its key is new and in memory only. @throws when `openssl` is not on PATH */
export async function makeCertificate(): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-fcm-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const name = ['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOSTS}`];
  try {
    const files = ['-keyout', key, '-out', cert, '-days', '2'];
    await promisify(execFile)('openssl', ['req', '-x509', ...kind, ...name, ...files], {
      env: systemEnvironment(processEnvironment()),
    });
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Writes files into `folder` and returns the environment variables with which an unmodified process uses a server on
 * `port` as Firebase: a service account, the certificate to trust, and a module that redirects connections to Google.
 */
export async function writeEnvironment(
  folder: string,
  { cert, port }: { readonly cert: string; readonly port: number },
): Promise<Record<string, string>> {
  const ca = join(folder, 'fcm-ca.pem');
  const account = join(folder, 'fcm-account.json');
  const redirect = join(folder, 'fcm-redirect.mjs');
  await writeFile(ca, cert);
  await writeFile(account, JSON.stringify(makeServiceAccount()), { mode: 0o600 });
  await writeFile(redirect, redirectTo(port));
  return {
    GOOGLE_APPLICATION_CREDENTIALS: account,
    NODE_EXTRA_CA_CERTS: ca,
    NODE_OPTIONS: `--import ${pathToFileURL(redirect).href}`,
  };
}

/** A service account in the format of the Firebase console, with a new key. */
function makeServiceAccount(): object {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return {
    type: 'service_account',
    project_id: PROJECT,
    private_key_id: 'of-the-stand-in',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    client_email: `parley@${PROJECT}.iam.gserviceaccount.com`,
    client_id: '1',
    token_uri: 'https://oauth2.googleapis.com/token',
  };
}

/** The source of a module that opens TLS connections to Google at a local port. Host names are still verified. */
function redirectTo(port: number): string {
  return `import tls from 'node:tls';
const { connect } = tls;
tls.connect = (...args) => {
  const [options] = args;
  const host = options?.servername ?? options?.host ?? '';
  if (typeof host !== 'string' || !host.endsWith('.googleapis.com')) return connect(...args);
  return connect({ ...options, host: '127.0.0.1', port: ${port}, servername: host }, ...args.slice(1));
};
`;
}
