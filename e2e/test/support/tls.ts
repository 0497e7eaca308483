import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';

const run = promisify(execFile);
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** The files of a certificate authority and of a certificate for 127.0.0.1 that it has signed. */
export interface Certificates {
  readonly ca: string;
  readonly key: string;
  readonly certificate: string;
  /** Certificate and key in one file, as mongod reads them. */
  readonly both: string;
}

/** Creates a certificate authority and signs a certificate for 127.0.0.1 with it. */
export async function createCertificates(folder: string, name: string): Promise<Certificates> {
  const [ca, caKey, key, certificate, both] = ['ca', 'ca-key', 'key', 'cert', 'both'].map((kind) =>
    join(folder, `${name}-${kind}.pem`),
  ) as [string, string, string, string, string];
  await run('openssl', [
    ...['req', '-x509', ...KEY, '-days', '2', '-subj', `/CN=${name}`, '-keyout', caKey, '-out', ca],
  ]);
  await run('openssl', [
    ...['req', '-x509', ...KEY, '-days', '2', '-subj', '/CN=127.0.0.1', '-CA', ca, '-CAkey', caKey],
    ...['-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-keyout', key, '-out', certificate],
  ]);
  await writeFile(both, (await readFile(certificate, 'utf8')) + (await readFile(key, 'utf8')));
  return { ca, key, certificate, both };
}

/** A port that speaks TLS and passes everything on to a plain port, for a server that is built without TLS. */
export async function tlsInFrontOf(port: number, certificates: Certificates) {
  const sockets = new Set<Socket>();
  const server = createServer({
    key: await readFile(certificates.key),
    cert: await readFile(certificates.certificate),
  });
  server.on('secureConnection', (client) => {
    const inner = connect(port, '127.0.0.1');
    for (const socket of [client, inner]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
    }
    client.pipe(inner).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
