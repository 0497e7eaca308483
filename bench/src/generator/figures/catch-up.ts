import { type Outcome, type TimeSpan } from '../../job.ts';
import { median } from '../../statistics.ts';
import { Arrivals } from '../arrivals.ts';
import { userAt, type Scene } from '../participants.ts';
import { faultLines } from '../faults.ts';
import { Flow } from '../flow.ts';
import { observe } from '../observation.ts';
import { type Connection, type BenchUser } from '../target.ts';

const WINDOW = 64;
const MILLI = 1e3;

/** Sends the messages that the recipient misses; returns the conversation and the faults. */
async function preload(scene: Scene, sender: Connection, recipient: BenchUser) {
  const { missed } = scene.job.scale;
  const conversation = await scene.target.direct(sender, recipient);
  const flow = new Flow({ ...scene, sender, conversation, receivers: 0 });
  const lost = sender.client.closed.then(() => {
    throw new Error('The sender lost its connection');
  });
  const complete = new Promise<void>((resolve) => {
    flow.onComplete = () => {
      if (flow.sent < missed) flow.send();
      else if (flow.inProgress === 0) resolve();
    };
  });
  for (let sent = 0; sent < Math.min(WINDOW, missed); sent += 1) flow.send();
  await Promise.race([complete, lost]);
  return { recipient, conversation, faults: faultLines([flow.faults(scene.target)], missed) };
}

interface CaughtUp {
  readonly rate: number;
  readonly cpu: number;
  readonly measured: TimeSpan;
  readonly faults: readonly string[];
}

async function comeBack(
  scene: Scene,
  who: { recipient: BenchUser; conversation: string },
  way: string,
): Promise<CaughtUp> {
  const { missed } = scene.job.scale;
  const arrivals = new Arrivals();
  let strays = 0;
  let connection: Connection | undefined;
  const seen = await observe(scene.job, async () => {
    connection = await scene.target.catchUp(who.recipient, way, (conversation, number) => {
      if (conversation === who.conversation) arrivals.take(number);
      else strays += 1;
    });
  });
  await connection?.client.close();
  const counts = {
    strays,
    'not delivered': arrivals.missing(missed),
    doubled: arrivals.doubled,
    'out of order': arrivals.reordered,
  };
  return {
    rate: missed / seen.seconds,
    cpu: seen.serverCpu * MILLI,
    measured: seen.measured,
    faults: faultLines([counts], missed).map((line) => `${way}: ${line}`),
  };
}

/** F: how many messages a second reach a client that was offline, in each way that the server offers. */
export async function catchUp(scene: Scene): Promise<Outcome> {
  const { job, target } = scene;
  const sender = await target.connect(userAt(job, 0), () => undefined);
  const recipients = job.users.slice(1, 1 + target.waysToCatchUp.length * job.scale.away);
  const loaded = await Promise.all(recipients.map((user) => preload(scene, sender, user)));
  const faults = loaded.flatMap((each) => each.faults);
  const returns = new Map<string, CaughtUp[]>();
  for (const [index, who] of loaded.entries()) {
    const way = target.waysToCatchUp[index % target.waysToCatchUp.length] ?? '';
    const back = await comeBack(scene, who, way);
    faults.push(...back.faults);
    returns.set(way, [...(returns.get(way) ?? []), back]);
  }
  await sender.client.close();
  const all = [...returns.values()].flat();
  const rates = [...returns].map(([way, each]) => [way, median(each.map(({ rate }) => rate))]);
  return {
    metrics: {
      rate: Math.max(...rates.map(([, rate]) => Number(rate))),
      ...Object.fromEntries(rates.map(([way, rate]) => [`${String(way)}Rate`, Number(rate)])),
      serverCpu: median(all.map(({ cpu }) => cpu)),
    },
    faults,
    measured: {
      from: Math.min(...all.map(({ measured }) => measured.from)),
      to: Math.max(...all.map(({ measured }) => measured.to)),
    },
  };
}
