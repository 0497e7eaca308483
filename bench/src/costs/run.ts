import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { type OperationOutput } from '@parley/common/contract';

import { seedGroups } from '../abuse/conversations.ts';
import { ParleyTarget } from '../generator/parley-target.ts';
import { type BenchUser, type Connection } from '../generator/target.ts';
import { createUsers, parleyEnvironment } from '../parley-users.ts';
import { chooseCores } from '../processes/cores.ts';
import { NodeProcess } from '../processes/node-process.ts';
import { openStore } from '../processes/store.ts';
import { cpuSeconds } from '../processes/usage.ts';
import { seedContacts } from './contacts.ts';
import { barOfMany, isMet, line, OPERATION_BAR, resolutionOf, type Cost } from './verdict.ts';

const RESULTS = fileURLToPath(new URL('../../results/', import.meta.url));
const SERVER = new URL('../servers/parley.ts', import.meta.url);
const START_MS = 60_000;
const SECOND = 1_000;
const [MANY, FEW] = [5_000, 10];
const CONTACTS = 200;
/** Milliseconds for which the CPU time of the idle processes is measured. It is subtracted from the costs. */
const REST = 5 * SECOND;
/**
 * How a client reconnects. `heads` asks for one head, after which it gets all live events; `changed heads` asks for what
 * has changed since its last connection, as our client does; `all heads` compares every conversation, as a client does
 * that has nothing yet. Only the last may cost more for more conversations.
 */
const MODES = ['heads', 'changed heads', 'all heads', 'plain'] as const;

type Mode = (typeof MODES)[number];

interface Stage {
  readonly url: string;
  readonly target: ParleyTarget;
  /** The token of the last comparison of each user. */
  readonly tokens: Map<BenchUser, string>;
  /** Measures the cost of one call, as the average of `times` calls, without the CPU time of idle processes. */
  readonly costOf: (times: number, call: (at: number) => Promise<void>) => Promise<Cost>;
}

/** The answer to `sync`. */
interface Heads {
  readonly ok: boolean;
  readonly data: OperationOutput<'sync'>;
}

interface People {
  readonly busy: BenchUser;
  readonly quiet: BenchUser;
  readonly watchers: readonly BenchUser[];
  readonly contacts: readonly BenchUser[];
}

/** Measures what single operations cost the node and the store, prints it, and returns the exit code. */
export async function measureCosts({ quick }: { readonly quick: boolean }): Promise<number> {
  const folder = join(
    RESULTS,
    `costs-${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}`,
  );
  await mkdir(folder, { recursive: true });
  const cores = await chooseCores();
  const store = await openStore(folder, cores);
  let server: NodeProcess | undefined;
  try {
    const uri = store.uri(`parley-costs-${process.pid}`);
    const times = quick ? 20 : 200;
    const env = parleyEnvironment(uri);
    const people = await createPeople(uri, env, quick ? 6 : 200);
    const logFile = join(folder, 'messaging.log');
    server = await NodeProcess.start({ script: SERVER, core: cores?.server, env, logFile });
    const { url } = (await server.next(START_MS)) as { url: string };
    const pids = { node: server.pid, store: store.pid };
    const target = new ParleyTarget({ urls: [url] });
    const stage = { url, target, tokens: new Map(), costOf: await measure(pids) };
    const isEachMet = [
      ...(await measureReconnects(stage, people, times)),
      ...(await measureWatches(stage, people)),
    ];
    return isEachMet.every(Boolean) ? 0 : 1;
  } finally {
    await server?.stop();
    await store.close();
  }
}

async function createPeople(
  uri: string,
  env: ReturnType<typeof parleyEnvironment>,
  watchers: number,
): Promise<People> {
  const users = await createUsers(env, 3 + watchers + CONTACTS);
  const [busy, quiet, other] = users;
  if (busy === undefined || quiet === undefined || other === undefined)
    throw new Error('There are no users');
  const people = {
    ...{ busy, quiet },
    watchers: users.slice(3, 3 + watchers),
    contacts: users.slice(3 + watchers),
  };
  await seedGroups(uri, [busy.id, other.id], MANY);
  await seedGroups(uri, [quiet.id, other.id], FEW);
  const idsOf = (given: readonly BenchUser[]) => given.map(({ id }) => id);
  await seedContacts(uri, idsOf(people.watchers), idsOf(people.contacts));
  return people;
}

async function measure(pids: {
  readonly node: number;
  readonly store: number | undefined;
}): Promise<Stage['costOf']> {
  const used = async (): Promise<Cost> => ({
    node: SECOND * (await cpuSeconds(pids.node)),
    store: SECOND * (await cpuSeconds(pids.store)),
  });
  const during = async (work: () => Promise<void>) => {
    const [before, startedAt] = [await used(), performance.now()];
    await work();
    const after = await used();
    const took = performance.now() - startedAt;
    return { took, node: after.node - before.node, store: after.store - before.store };
  };
  await delay(REST);
  const rest = await during(() => delay(REST));
  return async (times, call) => {
    const { node, store, took } = await during(async () => {
      for (let at = 0; at < times; at += 1) await call(at);
    });
    const share = took / rest.took;
    return {
      node: Math.max(0, node - share * rest.node) / times,
      store: Math.max(0, store - share * rest.store) / times,
    };
  };
}

/** The connection is complete when everything that was missed has arrived and the socket is in all its rooms. */
async function reconnect(stage: Stage, user: BenchUser, mode: Mode): Promise<void> {
  const connection = await connect(stage, user, mode);
  await connection.client.close();
}

async function connect(stage: Stage, user: BenchUser, mode: Mode): Promise<Connection> {
  const { target } = stage;
  if (mode === 'plain') return target.catchUp(user, 'plain', () => undefined);
  const connection = await target.connect(user, () => undefined);
  if (mode === 'heads') await compare(connection, { limit: 1 });
  else if (mode === 'all heads') await compareAll(connection, {});
  else await compareChanged(stage, user, connection);
  return connection;
}

async function compare({ client }: Connection, input: object): Promise<Heads['data']> {
  const answer = (await client.request('sync', input)) as Heads;
  if (!answer.ok) throw new Error(`sync: ${JSON.stringify(answer)}`);
  return answer.data;
}

/** Reads the heads of all conversations, page by page. Returns the first page. */
async function compareAll(connection: Connection, input: object): Promise<Heads['data']> {
  const first = await compare(connection, input);
  for (let page = first; page.hasMore;) {
    page = await compare(connection, { after: page.heads.at(-1)?.conversationId });
  }
  return first;
}

/** Reads the heads that have changed since the last comparison; all heads at the first. */
async function compareChanged(
  { tokens }: Stage,
  user: BenchUser,
  connection: Connection,
): Promise<void> {
  const since = tokens.get(user);
  const { changes, syncToken } = await compareAll(connection, since === undefined ? {} : { since });
  if (since !== undefined && !changes) throw new Error('sync: all heads instead of changed ones');
  if (syncToken) tokens.set(user, syncToken);
}

async function measureReconnects(
  stage: Stage,
  { busy, quiet }: People,
  times: number,
): Promise<boolean[]> {
  const isEachMet: boolean[] = [];
  for (const mode of MODES) {
    const costs: Cost[] = [];
    for (const user of [quiet, busy]) {
      // Not measured: the first connection of a user reads its conversations, and the first calls compile the code.
      for (let at = 0; at < 20; at += 1) await reconnect(stage, user, mode);
      costs.push(await stage.costOf(times, () => reconnect(stage, user, mode)));
    }
    const [few, many] = costs as [Cost, Cost];
    const bar = mode === 'all heads' ? undefined : barOfMany(few, resolutionOf(times));
    say(line(`reconnect, ${FEW} conversations (${mode})`, few));
    say(line(`reconnect, ${MANY} conversations (${mode})`, many, bar));
    if (bar !== undefined) isEachMet.push(isMet(many, bar));
  }
  return isEachMet;
}

async function measureWatches(stage: Stage, { contacts, watchers }: People): Promise<boolean[]> {
  const userIds = contacts.map(({ id }) => id);
  const connections: Connection[] = [];
  for (const watcher of watchers) connections.push(await connect(stage, watcher, 'heads'));
  const watch = async (at: number) => {
    const answer = await connections[at % connections.length]?.client.request('presence:watch', {
      userIds,
    });
    if ((answer as { readonly ok?: unknown } | undefined)?.ok !== true)
      throw new Error(`presence:watch: ${JSON.stringify(answer)}`);
  };
  // Not measured: the first calls read 200 profiles into the cache that serves all watchers, and compile the code.
  const warmUp = Math.ceil(connections.length / 3);
  for (let at = 0; at < warmUp; at += 1) await watch(at);
  const first = await stage.costOf(connections.length - warmUp, (at) => watch(at + warmUp));
  const again = await stage.costOf(4 * connections.length, watch);
  await Promise.all(connections.map(({ client }) => client.close()));
  return (
    [
      ['first watch', first],
      ['next watch', again],
    ] as const
  ).map(([what, cost]) => {
    say(line(`${what} of ${CONTACTS} contacts`, cost, OPERATION_BAR));
    return isMet(cost, OPERATION_BAR);
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
