import type { History } from '../history/history.ts';
import type { Operation } from '../history/model.ts';
import type { Person } from '../clients/person.ts';
import { becomes } from '../time.ts';

const ANSWER_MS = 20_000;
const PAUSE_MS = 250;

/** A request over HTTP. */
interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Changes that somebody makes over HTTP and repeats until they are answered. */
export class HttpChanges {
  readonly #origin: () => string;
  readonly #history: History;
  readonly #isOver: () => boolean;
  #count = 0;

  constructor(options: {
    readonly origin: () => string;
    readonly history: History;
    /** Whether to give up. */
    readonly isOver: () => boolean;
  }) {
    this.#origin = options.origin;
    this.#history = options.history;
    this.#isOver = options.isOver;
  }

  /** Creates a conversation. Rejects if that is refused. */
  async create(by: Person, input: Record<string, unknown>): Promise<string> {
    const answer = await this.#untilAnswered(by, {
      method: 'POST',
      path: '/conversations',
      body: input,
    });
    if (answer?.status !== 200) throw new Error(`No conversation: ${JSON.stringify(answer)}`);
    const conversationId = answer.body['id'] as string;
    this.#note(by, { conversationId, clientId: 'create' });
    return conversationId;
  }

  async add(by: Person, conversationId: string, userId: string): Promise<void> {
    const clientId = this.#nextId();
    const path = `/conversations/${conversationId}/members`;
    await this.#member(
      by,
      { conversationId, clientId },
      {
        ...{ method: 'POST', path, body: { userIds: [userId], clientId } },
      },
    );
  }

  async remove(by: Person, conversationId: string, userId: string): Promise<void> {
    const clientId = this.#nextId();
    const path = `/conversations/${conversationId}/members/${userId}`;
    await this.#member(
      by,
      { conversationId, clientId },
      {
        ...{ method: 'DELETE', path, body: { clientId } },
      },
    );
  }

  /** Answers whether it is done: not if it was given up. */
  async endSession(by: Person, sessionId: string): Promise<boolean> {
    const request = { method: 'DELETE', path: `/auth/sessions/${sessionId}` };
    return (await this.#untilAnswered(by, request)) !== undefined;
  }

  async block(by: Person, userId: string): Promise<boolean> {
    const request = { method: 'PUT', path: `/blocks/${userId}` };
    return (await this.#untilAnswered(by, request)) !== undefined;
  }

  async #member(
    by: Person,
    of: { conversationId: string; clientId: string },
    request: Request,
  ): Promise<void> {
    const operation = this.#operation(by, of);
    await this.#untilAnswered(by, request, operation);
  }

  #note(by: Person, of: { conversationId: string; clientId: string }): void {
    const operation = this.#operation(by, of);
    const attempt = this.#history.attempt(operation, undefined);
    this.#history.answer(operation, attempt, { outcome: 'ok' });
  }

  #operation(by: Person, of: { conversationId: string; clientId: string }): Operation {
    const device = `${by.userId} over HTTP`;
    return this.#history.operation({ device, userId: by.userId, kind: 'members', ...of });
  }

  #nextId(): string {
    this.#count += 1;
    return `change-${this.#count}`;
  }

  async #untilAnswered(
    by: Person,
    request: Request,
    operation?: Operation,
  ): Promise<Answer | undefined> {
    while (!this.#isOver()) {
      const attempt = operation && this.#history.attempt(operation, undefined);
      const answer = await this.#call(by, request).catch(() => undefined);
      if (answer !== undefined && answer.body['retryable'] !== true && answer.status < 500) {
        const outcome = answer.status < 400 ? 'ok' : 'failed';
        if (operation && attempt) this.#history.answer(operation, attempt, { outcome });
        return answer;
      }
      const pause = performance.now() + PAUSE_MS;
      await becomes(() => performance.now() > pause, Infinity);
    }
    return undefined;
  }

  async #call({ token }: Person, { body, method, path }: Request): Promise<Answer> {
    const response = await fetch(`${this.#origin()}/api${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
  }
}
