import type { History } from '../history/history.ts';
import type { Operation } from '../history/model.ts';
import type { TestUser } from '../clients/test-user.ts';
import { pause } from '../time.ts';

const ANSWER_MS = 20_000;
const RETRY_MS = 250;

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

/** Makes changes over HTTP and repeats each until it is answered. */
export class HttpChanges {
  readonly #origin: () => string;
  readonly #history: History;
  readonly #isStopped: () => boolean;
  #count = 0;

  constructor(options: {
    readonly origin: () => string;
    readonly history: History;
    /** Whether to stop repeating. */
    readonly isStopped: () => boolean;
  }) {
    this.#origin = options.origin;
    this.#history = options.history;
    this.#isStopped = options.isStopped;
  }

  /** Creates a conversation. @throws if that is refused */
  async create(by: TestUser, input: Record<string, unknown>): Promise<string> {
    const answer = await this.#untilAnswered(by, {
      method: 'POST',
      path: '/conversations',
      body: input,
    });
    if (answer?.status !== 200)
      throw new Error(`The conversation was not created: ${JSON.stringify(answer)}`);
    const conversationId = answer.body['id'] as string;
    this.#recordCreation(by, { conversationId, clientId: 'create' });
    return conversationId;
  }

  async add(by: TestUser, conversationId: string, userId: string): Promise<void> {
    const clientId = this.#nextId();
    const path = `/conversations/${conversationId}/members`;
    await this.#changeMembers(
      by,
      { conversationId, clientId },
      { method: 'POST', path, body: { userIds: [userId], clientId } },
    );
  }

  async remove(by: TestUser, conversationId: string, userId: string): Promise<void> {
    const clientId = this.#nextId();
    const path = `/conversations/${conversationId}/members/${userId}`;
    await this.#changeMembers(
      by,
      { conversationId, clientId },
      { method: 'DELETE', path, body: { clientId } },
    );
  }

  /** Ends a session. Returns whether the request was answered. */
  async endSession(by: TestUser, sessionId: string): Promise<boolean> {
    const request = { method: 'DELETE', path: `/auth/sessions/${sessionId}` };
    return (await this.#untilAnswered(by, request)) !== undefined;
  }

  /** Blocks a user. Returns whether the request was answered. */
  async block(by: TestUser, userId: string): Promise<boolean> {
    const request = { method: 'PUT', path: `/blocks/${userId}` };
    return (await this.#untilAnswered(by, request)) !== undefined;
  }

  async #changeMembers(
    by: TestUser,
    of: { conversationId: string; clientId: string },
    request: Request,
  ): Promise<void> {
    const operation = this.#operation(by, of);
    await this.#untilAnswered(by, request, operation);
  }

  #recordCreation(by: TestUser, of: { conversationId: string; clientId: string }): void {
    const operation = this.#operation(by, of);
    const attempt = this.#history.attempt(operation, undefined);
    this.#history.answer(operation, attempt, { outcome: 'ok' });
  }

  #operation(by: TestUser, of: { conversationId: string; clientId: string }): Operation {
    const device = `${by.userId} over HTTP`;
    return this.#history.operation({ device, userId: by.userId, kind: 'members', ...of });
  }

  #nextId(): string {
    this.#count += 1;
    return `change-${this.#count}`;
  }

  async #untilAnswered(
    by: TestUser,
    request: Request,
    operation?: Operation,
  ): Promise<Answer | undefined> {
    while (!this.#isStopped()) {
      const attempt = operation && this.#history.attempt(operation, undefined);
      const answer = await this.#call(by, request).catch(() => undefined);
      if (answer !== undefined && answer.body['retryable'] !== true && answer.status < 500) {
        const outcome = answer.status < 400 ? 'ok' : 'failed';
        if (operation && attempt) this.#history.answer(operation, attempt, { outcome });
        return answer;
      }
      await pause(RETRY_MS);
    }
    return undefined;
  }

  async #call({ token }: TestUser, { body, method, path }: Request): Promise<Answer> {
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
