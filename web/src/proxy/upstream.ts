import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { AppError, SECOND } from '@parley/common';
import { proxyFetch } from 'httpxy';

import { UpstreamAnswer } from './upstream-answer.ts';
import { UpstreamNodes } from './upstream-nodes.ts';
import type { WebMetrics } from '../metrics.ts';

/** A request to one of our services. */
export interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Record<string, string | string[]>;
  readonly body?: Buffer | undefined;
  /** Aborted when the client no longer waits for the answer. */
  readonly signal: AbortSignal;
  /** Milliseconds without a byte after which the service counts as unavailable; default 20 s. */
  readonly patience?: number;
}

interface UpstreamDeps {
  readonly name: 'auth' | 'messaging';
  readonly urls: readonly string[];
  readonly metrics: WebMetrics;
  /** Milliseconds of silence after which a node is checked; default 3 s. */
  readonly silence?: number | undefined;
}

const PATIENCE = 20 * SECOND;
/** Closes idle connections well before the services do: a request on a closing connection would be lost. */
const KEPT = { keepAlive: true, timeout: 30 * SECOND };
const READY_PATIENCE = 2 * SECOND;
/** An operation may take long, but a node that works answers `GET /healthz` meanwhile. */
const SILENCE = 3 * SECOND;
/** Requests in progress to one service; more would only wait longer. */
const MOST_IN_PROGRESS = 2_000;
/** Failures before a node has received any part of a request. */
const NOT_REACHED = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** The HTTP client of one service; skips nodes that cannot be reached. */
export class Upstream {
  readonly name: 'auth' | 'messaging';
  readonly nodes: UpstreamNodes;
  readonly #silence: number;
  readonly #metrics: WebMetrics;
  readonly #agents = {
    'http:': new HttpAgent(KEPT),
    'https:': new HttpsAgent(KEPT),
  };
  #inProgress = 0;

  constructor({ metrics, name, silence = SILENCE, urls }: UpstreamDeps) {
    this.name = name;
    this.#metrics = metrics;
    this.#silence = silence;
    this.nodes = new UpstreamNodes({ urls, probe: (node) => this.#check(node, '/readyz') });
  }

  /**
   * Sends a request to the next node in rotation, and to further ones while no node has received it.
   * @throws AppError `unavailable` if none answers
   */
  async send(request: UpstreamRequest): Promise<UpstreamAnswer> {
    if (this.#inProgress >= MOST_IN_PROGRESS)
      throw this.#unavailable('Too many requests in progress');
    this.#inProgress += 1;
    const startedAt = performance.now();
    try {
      return await this.#tryNodes(request);
    } finally {
      this.#inProgress -= 1;
      const duration = (performance.now() - startedAt) / SECOND;
      this.#metrics.upstreamDuration.with({ upstream: this.name }).observe(duration);
    }
  }

  /** Resolves if at least one node is ready. @throws AppError `unavailable` */
  async ready(): Promise<void> {
    const answers = this.nodes.all.map((node) => this.#check(node, '/readyz'));
    await Promise.any(answers).catch((cause: unknown) => {
      throw this.#unavailable(cause);
    });
  }

  close(): void {
    this.#agents['http:'].destroy();
    this.#agents['https:'].destroy();
  }

  async #tryNodes(request: UpstreamRequest): Promise<UpstreamAnswer> {
    let cause: unknown;
    for (const node of this.nodes.inTurn()) {
      try {
        const answer = await this.#askWatched(node, request);
        this.nodes.answered(node);
        return answer;
      } catch (error) {
        cause = error;
        if (request.signal.aborted) break;
        this.nodes.failed(node);
        this.#metrics.upstreamFailures.inc({ upstream: this.name });
        if (!mayTryNext(request.method, error)) break;
      }
    }
    throw this.#unavailable(cause);
  }

  /**
   * Asks a node, and checks it once if it is silent. If it does not answer the check, other requests avoid it from then
   * on, and one that may go to another node rejects. A write waits on: the node may have carried it out.
   */
  async #askWatched(node: string, request: UpstreamRequest): Promise<UpstreamAnswer> {
    const gone = new AbortController();
    const abort = () => gone.abort();
    request.signal.addEventListener('abort', abort, { once: true });
    const silent = setTimeout(() => {
      this.#check(node, '/healthz').catch(() => {
        if (gone.signal.aborted) return;
        this.nodes.failed(node);
        if (isRead(request.method)) abort();
      });
    }, this.#silence);
    try {
      return await this.#ask(node, { ...request, signal: gone.signal });
    } finally {
      clearTimeout(silent);
      request.signal.removeEventListener('abort', abort);
    }
  }

  async #check(node: string, path: '/healthz' | '/readyz'): Promise<void> {
    const signal = AbortSignal.timeout(READY_PATIENCE);
    const answer = await this.#ask(node, { method: 'GET', path, headers: {}, signal });
    answer.discard();
    if (!answer.ok) throw new Error(`${node} is not ready`);
  }

  async #ask(node: string, request: UpstreamRequest): Promise<UpstreamAnswer> {
    const { body, method, patience = PATIENCE, path, signal } = request;
    const headers = request.headers as Record<string, string>;
    const answer: unknown = await proxyFetch(
      node,
      `${node}${path}`,
      { method, headers: { ...headers, ...lengthOf(body) }, signal, ...(body && { body }) },
      {
        agent: this.#agents[new URL(node).protocol as 'http:' | 'https:'],
        timeout: patience,
        Response: UpstreamAnswer as unknown as typeof Response,
      },
    );
    return answer as UpstreamAnswer;
  }

  #unavailable(cause: unknown): AppError {
    return new AppError('unavailable', `The ${this.name} service does not answer`, { cause });
  }
}

/**
 * Always sets the length. Node sets none for a DELETE, and the service would read the body as the next request of the
 * connection.
 */
function lengthOf(body: Buffer | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(body.length) };
}

/** Whether another node may be tried: if this one received nothing, or if the request only reads. */
function mayTryNext(method: string, error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return isRead(method) || (code !== undefined && NOT_REACHED.has(code));
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}
