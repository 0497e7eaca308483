import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { AppError, SECOND } from '@parley/common';
import { proxyFetch } from 'httpxy';

import { UpstreamAnswer } from './upstream-answer.ts';
import type { UpstreamNodes } from './upstream-nodes.ts';
import type { WebMetrics } from '../metrics.ts';

/** A request to one of our services. */
export interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Record<string, string | string[]>;
  readonly body?: Buffer | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Milliseconds of silence after which the service counts as not answering; default 20 s. */
  readonly patience?: number;
}

interface UpstreamDeps {
  readonly name: 'auth' | 'messaging';
  readonly nodes: UpstreamNodes;
  readonly metrics: WebMetrics;
}

const PATIENCE = 20 * SECOND;
/** Idle connections end here well before the services end them: a request into one that closes would be lost. */
const KEPT = { keepAlive: true, timeout: 30 * SECOND };
const READY_PATIENCE = 2 * SECOND;
/** Requests to one service at a time; more would only wait longer. */
const MOST_UNDER_WAY = 2_000;
/** Failures that happen before a node has seen anything of a request. */
const UNREACHED = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Speaks HTTP to one service; a node that cannot be reached is passed over. */
export class Upstream {
  readonly name: 'auth' | 'messaging';
  readonly #nodes: UpstreamNodes;
  readonly #metrics: WebMetrics;
  readonly #agents = {
    'http:': new HttpAgent(KEPT),
    'https:': new HttpsAgent(KEPT),
  };
  #underWay = 0;

  constructor({ metrics, name, nodes }: UpstreamDeps) {
    this.name = name;
    this.#metrics = metrics;
    this.#nodes = nodes;
  }

  /**
   * Sends a request to the node whose turn it is, and to the next ones while no node has seen it.
   * @throws AppError `unavailable` when none answers
   */
  async send(request: UpstreamRequest): Promise<UpstreamAnswer> {
    if (this.#underWay >= MOST_UNDER_WAY) throw this.#unavailable('Too many requests wait for it');
    this.#underWay += 1;
    const startedAt = performance.now();
    try {
      return await this.#sendInTurn(request);
    } finally {
      this.#underWay -= 1;
      this.#metrics.upstreamDuration.observe(
        { upstream: this.name },
        (performance.now() - startedAt) / SECOND,
      );
    }
  }

  /** Resolves while one node at least is ready. @throws AppError `unavailable` */
  async ready(): Promise<void> {
    const answers = this.#nodes.all.map(async (node) => {
      const signal = AbortSignal.timeout(READY_PATIENCE);
      const answer = await this.#ask(node, { method: 'GET', path: '/readyz', headers: {}, signal });
      answer.discard();
      if (!answer.ok) throw new Error(`${node} is not ready`);
    });
    await Promise.any(answers).catch((cause: unknown) => {
      throw this.#unavailable(cause);
    });
  }

  close(): void {
    this.#agents['http:'].destroy();
    this.#agents['https:'].destroy();
  }

  async #sendInTurn(request: UpstreamRequest): Promise<UpstreamAnswer> {
    let cause: unknown;
    for (const node of this.#nodes.inTurn()) {
      try {
        const answer = await this.#ask(node, request);
        this.#nodes.answered(node);
        return answer;
      } catch (error) {
        cause = error;
        if (request.signal.aborted) break;
        this.#nodes.failed(node);
        this.#metrics.upstreamFailures.inc({ upstream: this.name });
        if (!mayGoOn(request.method, error)) break;
      }
    }
    throw this.#unavailable(cause);
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
 * The length is always said. Node leaves it out of a DELETE, and a service would take the body for the next request
 * of the connection.
 */
function lengthOf(body: Buffer | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(body.length) };
}

/** Whether another node may be asked: always when this one saw nothing, and when reading twice does no harm. */
function mayGoOn(method: string, error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return method === 'GET' || method === 'HEAD' || (code !== undefined && UNREACHED.has(code));
}
