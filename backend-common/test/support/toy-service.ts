import { createServer } from 'node:http';
import { AppError } from '@parley/common';
import { operation } from '@parley/common/contract';
import {
  Dispatcher,
  Metrics,
  type TokenBuckets,
  closeServer,
  createHttpApp,
  listen,
  operationRouter,
  type Caller,
  type HttpAppOptions,
  type Logger,
} from '@parley/backend-common';
import { silentLogger } from '@parley/backend-common/testing';
import { z } from 'zod';

const empty = z.strictObject({});

const undocumented = { tag: 'Server', description: '', errors: [] } as const;

/** Operations of a service that only tests have. */
export const toyOperations = {
  'toy:change': operation({
    name: 'toy:change',
    summary: 'Answers its input',
    ...undocumented,
    example: { input: { id: 'a' }, output: { id: 'a' } },
    http: { method: 'PATCH', path: '/toys/:id' },
    limit: 'create',
    input: z.strictObject({
      id: z.string(),
      size: z.int().optional(),
      name: z.string().optional(),
    }),
    output: z.object({ id: z.string() }),
  }),
  'toy:list': operation({
    name: 'toy:list',
    summary: 'Answers its input, whose fields have defaults and types',
    ...undocumented,
    example: { input: {}, output: { limit: 5 } },
    http: { method: 'GET', path: '/toys' },
    input: z.strictObject({
      limit: z.int().min(1).default(5),
      big: z.boolean().optional(),
      name: z.string().optional(),
    }),
    output: z.object({ limit: z.int() }),
  }),
  'toy:break': operation({
    name: 'toy:break',
    summary: 'Answers nothing',
    ...undocumented,
    example: { input: { id: 'a' }, output: {} },
    http: { method: 'DELETE', path: '/toys/:id' },
    input: z.strictObject({ id: z.string() }),
    output: empty,
  }),
  'toy:make': operation({
    name: 'toy:make',
    summary: 'Needs nobody',
    ...undocumented,
    example: { input: {}, output: { address: '', requestId: '' } },
    http: { method: 'POST', path: '/toys', status: 201 },
    public: true,
    input: z.strictObject({ nested: z.unknown().optional() }),
    output: z.object({ address: z.string(), requestId: z.string() }),
  }),
  'toy:crash': operation({
    name: 'toy:crash',
    summary: 'Fails in a way nobody foresaw',
    ...undocumented,
    example: { input: {}, output: {} },
    http: { method: 'POST', path: '/crash' },
    public: true,
    input: empty,
    output: empty,
  }),
  'toy:busy': operation({
    name: 'toy:busy',
    summary: 'Cannot answer now',
    ...undocumented,
    example: { input: {}, output: {} },
    http: { method: 'POST', path: '/busy' },
    public: true,
    input: empty,
    output: empty,
  }),
  'toy:govern': operation({
    name: 'toy:govern',
    summary: 'Is for administrators only',
    ...undocumented,
    example: { input: { user: 'a' }, output: { user: 'a' } },
    http: { method: 'POST', path: '/admin/toys/:user' },
    limit: 'create',
    input: z.strictObject({ user: z.string() }),
    output: z.object({ user: z.string() }),
  }),
  'toy:assemble': operation({
    name: 'toy:assemble',
    summary: 'Takes until somebody lists the toys',
    ...undocumented,
    example: { input: {}, output: {} },
    http: { method: 'POST', path: '/assemble' },
    longRunning: true,
    input: empty,
    output: empty,
  }),
  'toy:whisper': operation({
    name: 'toy:whisper',
    summary: 'Has no HTTP binding, and a handler that breaks the contract',
    ...undocumented,
    example: { input: {}, output: { loudness: 1 } },
    input: empty,
    output: z.object({ loudness: z.int().max(3) }),
  }),
} as const;

/** What the handlers of the toy service were called with. */
export interface Seen {
  readonly name: string;
  readonly input: unknown;
}

export const OWNER: Caller = { userId: 'owner', sessionId: 'session' };

interface ToyDispatcherOptions {
  readonly administrators?: { require(userId: string): Promise<void> };
  readonly buckets?: TokenBuckets;
  readonly logger?: Logger;
  readonly checkOutput?: boolean;
  readonly mostInProgress?: number;
  /** What `toy:crash` rejects with. */
  readonly failure?: Error;
}

/** A dispatcher of the toy operations, and the calls that reached its handlers. */
export function toyDispatcher({
  failure = new TypeError('the secret detail'),
  ...options
}: ToyDispatcherOptions = {}) {
  const seen: Seen[] = [];
  const note = <Input>(name: string, input: Input) => {
    seen.push({ name, input });
    return input;
  };
  const assembled: (() => void)[] = [];
  const metrics = new Metrics('toy');
  const dispatcher = new Dispatcher({
    operations: toyOperations,
    handlers: {
      'toy:change': (input) => Promise.resolve(note('toy:change', input)),
      'toy:list': (input) => {
        for (const finish of assembled.splice(0)) finish();
        return Promise.resolve(note('toy:list', input));
      },
      'toy:assemble': () =>
        new Promise<Record<string, never>>((resolve) => assembled.push(() => resolve({}))),
      'toy:break': (input) => Promise.resolve((note('toy:break', input), {})),
      'toy:make': (input, { address, requestId }) =>
        Promise.resolve((note('toy:make', input), { address, requestId })),
      'toy:crash': () => Promise.reject(failure),
      'toy:busy': () =>
        Promise.reject(new AppError('unavailable', 'Busy', { retryAfterMs: 2_500 })),
      'toy:govern': (input) => Promise.resolve(note('toy:govern', input)),
      'toy:whisper': () => Promise.resolve({ loudness: 4 }),
    },
    metrics,
    ...options,
  });
  return { dispatcher, metrics, seen };
}

/** The toy service on a free port. `Bearer good` is the owner. */
export async function startToyService({
  failure,
  patience,
  ...options
}: Partial<HttpAppOptions> & { readonly failure?: Error; readonly patience?: number } = {}) {
  const { dispatcher, metrics, seen } = toyDispatcher(failure && { failure });
  const app = createHttpApp({
    logger: silentLogger(),
    origins: ['https://friend.example'],
    trustedProxies: [],
    ready: () => Promise.resolve(),
    ...options,
  });
  app.use(
    operationRouter({
      dispatcher,
      authenticate: (bearer) =>
        bearer === 'good'
          ? Promise.resolve(OWNER)
          : bearer === 'never'
            ? new Promise<Caller>(() => undefined)
            : Promise.reject(new AppError('unauthenticated')),
      toContext: (base) => base,
      ...(patience === undefined ? {} : { patience }),
    }),
  );
  const handle = app.callback();
  const server = createServer((request, response) => void handle(request, response));
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  return { url, metrics, seen, close: () => closeServer(server, 100) };
}
