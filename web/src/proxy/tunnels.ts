import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { chooseRequestId, type Logger, type UpgradeEvent } from '@parley/backend-common';
import { AppError, SECOND, toAppError } from '@parley/common';

import { forwardedHeaders, isPassedBack, single } from './forwarded-headers.ts';
import type { OwnOrigin } from './own-origin.ts';
import { answerAndEnd, refuseUpgrade, writeHead } from './raw-answer.ts';
import { isSocketPath } from './service-paths.ts';
import type { UpstreamNodes } from './upstream-nodes.ts';
import {
  readRefusal,
  requestUpgrade,
  type UpgradeOutcome,
  type UpgradeRequest,
} from './upgrade-request.ts';
import type { WebMetrics } from '../metrics.ts';

interface TunnelsDeps {
  readonly nodes: UpstreamNodes;
  readonly own: OwnOrigin;
  readonly metrics: WebMetrics;
  readonly logger: Logger;
  /** Milliseconds that the last node gets to answer an upgrade; default 5 s. Each before it gets at most 1.5 s. */
  readonly patience?: number | undefined;
}

type Opened = Extract<UpgradeOutcome, { kind: 'opened' }>;

const PATIENCE = 5 * SECOND;
/** An upgrade needs no database, so a node that works answers soon. Nothing is lost if it answers another attempt. */
const PATIENCE_BEFORE_LAST = 1.5 * SECOND;
/** Milliseconds that one side gets to read what was sent before the other side closed. */
const LINGER = 5 * SECOND;
const KEEP_ALIVE = 30 * SECOND;
const MOST_PENDING = 5_000;

/**
 * Carries WebSockets between clients and messaging nodes. Nothing is written to the connection of the client until a
 * node has accepted, so another node can be tried after each one that does not answer.
 */
export class Tunnels {
  readonly #deps: TunnelsDeps;
  readonly #clients = new Set<Duplex>();
  #pending = 0;
  #closed = false;

  constructor(deps: TunnelsDeps) {
    this.#deps = deps;
  }

  /** Takes an upgrade over from the HTTP server. Never rejects: a failure is answered or closes the connection. */
  async handle({ head, request, socket: client }: UpgradeEvent): Promise<void> {
    const gone = this.#adopt(client);
    const requestId = chooseRequestId(single(request.headers, 'x-request-id'));
    this.#pending += 1;
    try {
      this.#admit(request);
      const outcome = await this.#tryNodes(this.#toUpgrade(request, requestId, gone));
      await this.#answer(outcome, client, head);
    } catch (thrown) {
      const error = toAppError(thrown);
      this.#count(
        client.destroyed ? 'aborted' : error.code === 'unavailable' ? 'unavailable' : 'rejected',
      );
      this.#deps.logger.debug({ err: error, requestId }, 'An upgrade failed');
      if (!client.destroyed) refuseUpgrade(client, error, requestId);
      linger(client);
    } finally {
      this.#pending -= 1;
    }
  }

  /** Cuts every connection; clients reconnect by themselves. */
  close(): void {
    this.#closed = true;
    for (const client of this.#clients) client.destroy();
  }

  /** Watches a connection. @returns a signal that is aborted when it closes */
  #adopt(client: Duplex): AbortSignal {
    const gone = new AbortController();
    // Never removed: an error without a listener would end the process.
    client.on('error', () => undefined);
    client.once('close', () => {
      this.#clients.delete(client);
      gone.abort();
    });
    this.#clients.add(client);
    return gone.signal;
  }

  #admit({ method, url = '' }: IncomingMessage): void {
    const [path = ''] = url.split('?', 1);
    if (!isSocketPath(path)) throw new AppError('not_found');
    if (method !== 'GET') throw new AppError('invalid_input', 'A WebSocket is opened with GET');
    if (this.#closed || this.#pending > MOST_PENDING) throw new AppError('unavailable');
  }

  #toUpgrade(
    request: IncomingMessage,
    requestId: string,
    signal: AbortSignal,
  ): Omit<UpgradeRequest, 'patience'> {
    const { own } = this.#deps;
    const facts = { address: own.address(request), requestId, secure: own.isSecure(request) };
    const headers = {
      ...forwardedHeaders(request, facts),
      connection: 'Upgrade',
      upgrade: 'websocket',
    };
    return { path: request.url ?? '', headers, signal };
  }

  /** The answer of the first node that answers; that of a node which is about to stop (503) only if no other does. */
  async #tryNodes(request: Omit<UpgradeRequest, 'patience'>): Promise<UpgradeOutcome> {
    const { metrics, nodes, patience: longest = PATIENCE } = this.#deps;
    const turn = nodes.inTurn();
    let stopping: UpgradeOutcome | undefined;
    let cause: unknown;
    for (const node of turn) {
      const isLast = node === turn.at(-1);
      const patience = isLast ? longest : Math.min(longest, PATIENCE_BEFORE_LAST);
      try {
        const outcome = await requestUpgrade(node, { ...request, patience });
        if (outcome.answer.statusCode !== 503) {
          nodes.answered(node);
          return outcome;
        }
        stopping?.answer.resume();
        stopping = outcome;
      } catch (error) {
        cause = error;
        if (request.signal.aborted) break;
      }
      nodes.failed(node);
      metrics.upstreamFailures.inc({ upstream: 'messaging' });
    }
    if (stopping !== undefined) return stopping;
    throw new AppError('unavailable', 'The messaging service does not answer', { cause });
  }

  async #answer(outcome: UpgradeOutcome, client: Duplex, head: Buffer): Promise<void> {
    if (outcome.kind === 'opened') {
      this.#join(client, outcome, head);
      this.#count('opened');
      return;
    }
    const body = await readRefusal(outcome.answer);
    if (body === undefined) throw new AppError('unavailable');
    const status = outcome.answer.statusCode ?? 503;
    answerAndEnd(client, { status, headers: passedBack(outcome.answer), body });
    linger(client);
    this.#count('refused');
  }

  #join(client: Duplex, { answer, head: nodeHead, socket: node }: Opened, head: Buffer): void {
    const { tunnels } = this.#deps.metrics;
    tunnels.inc();
    client.once('close', () => tunnels.dec());
    for (const socket of [client, node]) tune(socket);
    writeHead(client, 101, { ...passedBack(answer), connection: 'Upgrade', upgrade: 'websocket' });
    if (nodeHead.length > 0) client.write(nodeHead);
    if (head.length > 0) node.write(head);
    carry(client, node);
    carry(node, client);
  }

  #count(outcome: 'opened' | 'refused' | 'rejected' | 'unavailable' | 'aborted'): void {
    this.#deps.metrics.upgrades.inc({ outcome });
  }
}

function passedBack({ headers }: IncomingMessage): Record<string, string> {
  const kept = Object.entries(headers).filter(
    (header): header is [string, string] =>
      typeof header[1] === 'string' && isPassedBack(header[0]),
  );
  return Object.fromEntries(kept);
}

/** An open WebSocket has no idle timeout, because the nodes ping; TCP keep-alive finds peers that have vanished. */
function tune(socket: Duplex): void {
  if (!(socket instanceof Socket)) return;
  socket.setTimeout(0);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE);
}

/** Pipes `from` to `to`. When `from` closes, `to` gets a short time to read what was sent before. */
function carry(from: Duplex, to: Duplex): void {
  from.pipe(to);
  from.once('close', () => {
    to.end();
    linger(to);
  });
}

/** Cuts a connection that has nothing more to receive, unless it closes by itself. */
function linger(socket: Duplex): void {
  if (socket.destroyed) return;
  socket.resume();
  const cut = setTimeout(() => socket.destroy(), LINGER);
  cut.unref();
  socket.once('close', () => clearTimeout(cut));
}
