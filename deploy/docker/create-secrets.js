/**
 * Creates the secrets of docker-compose.yml in deploy/docker/secrets, which Git ignores. Files that exist are kept.
 * `--self-signed <host>` also creates a certificate for a trial; it needs openssl. `--folder <path>` writes elsewhere.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { folder: { type: 'string' }, 'self-signed': { type: 'string' } },
});
const here = dirname(fileURLToPath(import.meta.url));
const folder = values.folder ?? join(here, 'secrets');

/** Keeps the content of a secret that exists. Only the folder is closed: the users in the containers read the files. */
function secret(name, create) {
  const path = join(folder, name);
  if (!existsSync(path)) {
    writeFileSync(path, `${create()}\n`, { mode: 0o444 });
    console.log(`${path} was created`);
  }
  return readFileSync(path, 'utf8').trimEnd();
}

/** Only digits and letters, so that it can stand in a URL. */
const random = (bytes) => () => randomBytes(bytes).toString('hex');

function selfSigned(host) {
  const [certificate, key] = [join(folder, 'fullchain.pem'), join(folder, 'privkey.pem')];
  if (existsSync(certificate) || existsSync(key)) return;
  execFileSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '30', '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`],
    ...['-keyout', key, '-out', certificate],
  ]);
  execFileSync('chmod', ['444', key, certificate]);
  console.log(`${certificate} was created, for a trial`);
}

mkdirSync(folder, { recursive: true, mode: 0o700 });
secret('parley-secret', random(32));
secret('mongodb-root-password', random(24));
secret('mongodb-key', () => randomBytes(96).toString('base64'));
const database = secret('mongodb-password', random(24));
secret('mongodb-uri', () => `mongodb://parley:${database}@mongodb:27017/parley?replicaSet=parley`);
const redis = secret('redis-password', random(24));
secret('redis-url', () => `redis://:${redis}@redis:6379`);
secret('s3-access-key-id', random(10));
secret('s3-secret-access-key', random(24));
secret('grafana-password', random(12));
if (values['self-signed'] !== undefined) selfSigned(values['self-signed']);
