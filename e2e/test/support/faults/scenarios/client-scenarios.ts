import { createUsers } from '../clients/test-user.ts';
import { Crowd } from '../clients/crowd.ts';
import type { Scenario } from '../run/scenario.ts';
import { waitUntil, pause } from '../time.ts';
import { burst } from './burst.ts';

const DAY = 24 * 60 * 60 * 1_000;
/** Messages in each round of lost answers. */
const ROUND = 50;

/** Clients disconnect, read slowly or are away, and services that they depend on fail. */
export const clientScenarios: readonly Scenario[] = [
  {
    name: 'clients-killed-before-the-answer',
    seconds: 30,
    shortSeconds: 8,
    break: async ({ random, seconds, workload }) => {
      const end = performance.now() + seconds * 1_000;
      while (performance.now() < end) {
        const client = random.pick(workload.socketClients);
        const { conversationId, members } = workload.group;
        if (members.includes(client) && client.isConnected)
          client.sendAndDisconnect(conversationId);
        await pause(random.between(50, 250));
      }
    },
  },
  {
    name: 'answers-lost-after-the-write',
    seconds: 20,
    shortSeconds: 6,
    break: async ({ isFull, note, workload }) => {
      const { heads, link } = workload.extraDevices;
      const rounds = isFull ? 20 : 6;
      for (let round = 0; round < rounds; round += 1) {
        link.break({ blackHole: 'toClient' });
        const { conversationId } = workload.group;
        const sends = Array.from({ length: ROUND }, (_, index) =>
          heads.send({ conversationId, text: `round ${round}, ${index}` }),
        );
        await pause(700);
        link.break({ cut: true });
        link.heal();
        await Promise.all(sends);
      }
      note(`${rounds * ROUND} answers were lost`);
    },
  },
  {
    name: 'slow-reader',
    seconds: 60,
    shortSeconds: 15,
    workload: { textLength: 4_000 },
    break: async ({ seconds, workload }) => {
      workload.extraDevices.link.break({ bytesPerSecond: 2_000 });
      await pause(seconds * 1_000);
    },
  },
  {
    name: 'clients-reset-each-second',
    seconds: 30,
    shortSeconds: 10,
    break: async ({ seconds, workload }) => {
      const { heads, link, plain } = workload.extraDevices;
      const { conversationId } = workload.group;
      link.break({ resetEveryMs: 1_000 });
      const end = performance.now() + seconds * 1_000;
      for (let sent = 0; performance.now() < end; sent += 1) {
        for (const client of [heads, plain]) {
          workload.run(client.send({ conversationId, text: `between resets ${sent}` }));
        }
        await pause(250);
      }
      link.heal();
    },
  },
  {
    name: 'device-away',
    seconds: 40,
    shortSeconds: 10,
    break: async ({ cluster, isFull, note, random, workload }) => {
      const { heads, plain } = workload.extraDevices;
      const writer = workload.socketClients[0]!;
      plain.leave();
      heads.leave();
      const count = isFull ? 10_000 : 1_500;
      const every = count / (isFull ? 4 : 1);
      const restart = async () => {
        const { part } = random.pick(cluster.nodes);
        await part.stop();
        await part.start();
      };
      const each = (sent: number) => (sent % every === every / 2 ? restart() : undefined);
      await burst(workload, writer, { count, each });
      plain.connect();
      heads.connect();
      note(`${count} messages`);
    },
  },
  {
    name: 'auth-down',
    seconds: 60,
    shortSeconds: 10,
    break: async ({ cluster, random, seconds, workload }) => {
      await cluster.auth.kill();
      const end = performance.now() + seconds * 1_000;
      while (performance.now() < end) {
        random.pick(workload.socketClients).cut();
        await pause(200);
      }
      await cluster.auth.start();
    },
  },
  {
    name: 'auth-killed-while-it-ends-sessions',
    seconds: 10,
    shortSeconds: 5,
    workload: { revocable: 12 },
    break: async ({ cluster, random, seconds, workload }) => {
      workload.revoke(11);
      await pause(random.between(5, 60));
      await cluster.auth.kill();
      await pause(seconds * 1_000);
      await cluster.auth.start();
    },
  },
  {
    name: 'clock-wrong',
    seconds: 40,
    shortSeconds: 12,
    break: async ({ cluster, random, seconds }) => {
      const [ahead, behind] = random.shuffled(cluster.nodes);
      ahead!.clock = 30 * DAY;
      behind!.clock = -DAY / 24;
      for (const { part } of [ahead!, behind!]) {
        await part.stop();
        await part.start();
      }
      await pause(seconds * 1_000);
      for (const node of [ahead!, behind!]) {
        node.clock = 0;
        await node.part.stop();
        await node.part.start();
      }
    },
  },
  {
    name: 'crowd-thrown-off-a-node',
    seconds: 30,
    shortSeconds: 15,
    workload: { rate: 20 },
    memory: 900,
    break: async ({ cluster, isFull, note, random, seconds }) => {
      const size = isFull ? 5_000 : 1_000;
      const crowd = new Crowd(await createUsers(cluster.mongo.uri, size), random);
      try {
        const [first, ...others] = cluster.nodes.map(({ part }) => part);
        crowd.connect(
          first!.url,
          others.map(({ url }) => url),
        );
        await waitUntil(() => crowd.connected === size, 120_000);
        await first!.kill();
        await waitUntil(() => crowd.connected === size, seconds * 1_000);
        const gaps = crowd.gaps.sort((one, other) => one - other);
        const p99 = (gaps[Math.floor(gaps.length * 0.99)] ?? 0) / 1_000;
        note(
          `${crowd.connected} of ${size} connected again, p99 ${p99.toFixed(1)} s (wanted: 5 s)`,
        );
      } finally {
        crowd.close();
      }
    },
  },
];
