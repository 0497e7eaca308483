import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request, type Agent } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { StackPart } from '@parley/dev';

import { poll } from './poll.ts';

const run = promisify(execFile);

/** The folder that operators copy. */
const SHIPPED = new URL('../../../deploy/nginx/', import.meta.url);

/** One of the two configurations. */
export type Form = 'nginx.conf' | 'nginx-long-polling.conf';

/** What differs from the shipped file: addresses and paths of this test. */
export interface Site {
  readonly form: Form;
  /** Port of the origin, which uses TLS, and of the server that redirects to it. */
  readonly ports: { readonly tls: number; readonly redirect: number };
  /** The services of a stack with three messaging nodes. */
  readonly parts: readonly StackPart[];
}

/** A request as it is sent: nothing resolves its path. */
export interface RawRequest {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The address that the client has, one of 127.0.0.0/8. */
  readonly from?: string;
  /** Default: a connection of its own. */
  readonly agent?: Agent;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** nginx with the shipped configuration, as a process of this test. */
export class Nginx {
  readonly origin: string;
  /** The certificate that clients trust. */
  readonly ca: string;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(given: { origin: string; ca: string; folder: string; child: ChildProcess }) {
    this.origin = given.origin;
    this.ca = given.ca;
    this.#folder = given.folder;
    this.#child = given.child;
  }

  /** Checks the configuration with `nginx -t` and starts it. */
  static async start(site: Site): Promise<Nginx> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-nginx-'));
    const shipped = await readFile(new URL(site.form, SHIPPED), 'utf8');
    const ca = await createCertificate(folder);
    const config = renderSite(shipped, site, folder);
    return Nginx.run({ folder, config, ca, port: site.ports.tls });
  }

  /** Checks a configuration, beside which the shipped folder `parley` is put, and starts it. Owns the folder. */
  static async run(given: {
    readonly folder: string;
    readonly config: string;
    readonly ca: string;
    readonly port: number;
  }): Promise<Nginx> {
    const { ca, config, folder, port } = given;
    await cp(new URL('parley/', SHIPPED), join(folder, 'parley'), { recursive: true });
    await writeFile(join(folder, 'nginx.conf'), config);
    const args = [
      ...['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')],
      ...['-g', `daemon off; pid ${join(folder, 'nginx.pid')};`],
    ];
    await run('nginx', ['-t', ...args]);
    const child = spawn('nginx', args, { stdio: 'ignore' });
    const nginx = new Nginx({ origin: originOf(port), ca, folder, child });
    await nginx.#untilServing();
    return nginx;
  }

  /** Applies the configuration again, as `nginx -s reload` does; resolves when a new worker has started. */
  async reload(): Promise<void> {
    const started = await this.#workersStarted();
    this.#child.kill('SIGHUP');
    await poll(async () => (await this.#workersStarted()) !== started || undefined);
  }

  accessLog(): Promise<string> {
    return readFile(join(this.#folder, 'access.log'), 'utf8');
  }

  async close(): Promise<void> {
    if (!this.#hasEnded) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Sends one request. */
  async request({
    agent,
    body,
    from = '127.0.0.1',
    headers,
    method = 'GET',
    path,
  }: RawRequest): Promise<RawAnswer> {
    const { hostname, port } = new URL(this.origin);
    const asked = request({
      ...{ host: '127.0.0.1', servername: hostname, port, method, path, ca: this.ca },
      ...{ agent: agent ?? false, localAddress: from },
      headers: { host: new URL(this.origin).host, ...headers },
    });
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return { status: answer.statusCode ?? 0, headers: answer.headers, text: await text(answer) };
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** A port that accepts is not enough: nginx listens on one while it waits for another that is taken. */
  async #untilServing(): Promise<void> {
    await poll(async () => {
      if (this.#hasEnded) throw new Error(`nginx has ended:\n${await this.#errorLog()}`);
      return (await this.#workersStarted()) > 0 || undefined;
    });
  }

  async #workersStarted(): Promise<number> {
    return (await this.#errorLog()).split('start worker process ').length - 1;
  }

  async #errorLog(): Promise<string> {
    return readFile(join(this.#folder, 'error.log'), 'utf8');
  }
}

export function originOf(port: number): string {
  return `https://localhost:${port}`;
}

/** Puts the addresses of a test in place of those of the examples. Lines that are not marked stay as they are. */
export function renderSite(shipped: string, { parts, ports }: Site, folder: string): string {
  const hosts = (kind: StackPart['kind']) =>
    parts.filter((part) => part.kind === kind).map(({ url }) => new URL(url).host);
  const [first = '', second = '', third = ''] = hosts('messaging');
  const values: readonly (readonly [from: string, to: string])[] = [
    ['/var/log/nginx/', `${folder}/`],
    ['/etc/ssl/parley/', `${folder}/`],
    ['10.0.0.11:3002', first],
    ['10.0.0.12:3002', second],
    ['10.0.0.13:3002', third],
    ['10.0.0.21:3001', hosts('auth')[0] ?? ''],
    ['10.0.0.31:8080', hosts('web')[0] ?? ''],
    ['listen 443 ', `listen 127.0.0.1:${ports.tls} `],
    ['listen [::]:443 ', `listen 127.0.0.2:${ports.tls} `],
    ['listen 80;', `listen 127.0.0.1:${ports.redirect};`],
    ['listen [::]:80;', `listen 127.0.0.2:${ports.redirect};`],
    ['server_name chat.example.org', 'server_name localhost'],
  ];
  return shipped
    .split('\n')
    .map((line) => {
      if (!line.includes('# SITE')) return line;
      const value = values.find(([from]) => line.includes(from));
      if (value === undefined) throw new Error(`A marked line has no value in the test: ${line}`);
      return line.replace(...value);
    })
    .join('\n');
}

async function createCertificate(folder: string): Promise<string> {
  const [key, certificate] = [join(folder, 'privkey.pem'), join(folder, 'fullchain.pem')];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ...['-keyout', key, '-out', certificate],
  ]);
  return readFile(certificate, 'utf8');
}
