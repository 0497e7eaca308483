import { type Job } from '../job.ts';
import { concurrently } from './concurrently.ts';
import { faultLines } from './faults.ts';
import { Flow } from './flow.ts';
import { type Meter } from './meter.ts';
import { type Connection, type BenchUser, type OnMessage, type Target } from './target.ts';

/** What each figure needs to measure. */
export interface Scene {
  readonly job: Job;
  readonly target: Target;
  readonly meter: Meter;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** The senders and receivers of a figure, and the deliveries to a wrong user. */
export class Participants {
  readonly flows: readonly Flow[];
  readonly #connections: readonly Connection[];
  readonly #strays: () => number;

  private constructor(parts: { flows: Flow[]; connections: Connection[]; strays: () => number }) {
    this.flows = parts.flows;
    this.#connections = parts.connections;
    this.#strays = parts.strays;
  }

  /** Connected pairs; the first of each writes to the second, which is connected to the next node. */
  static async ofPairs(scene: Scene, count: number): Promise<Participants> {
    const { job, target } = scene;
    const { length: nodes } = job.urls;
    const pairs = Array.from({ length: count }, (_, index) => index);
    const flows: Flow[] = [];
    const connections: Connection[] = [];
    let strays = 0;
    await concurrently(pairs, SETTING_UP_AT_ONCE, async (index) => {
      let mine = '';
      const stray = () => (strays += 1);
      const sender = await target.connect(userAt(job, 2 * index), stray, index % nodes);
      const other = userAt(job, 2 * index + 1);
      const received: OnMessage = (conversation, number) => {
        if (conversation === mine) flows[index]?.delivered(0, number);
        else stray();
      };
      const receiver = await target.connect(other, received, (index + 1) % nodes);
      await Promise.all([target.settle(sender), target.settle(receiver)]);
      mine = await target.direct(sender, other);
      flows[index] = new Flow({ ...scene, sender, conversation: mine, receivers: 1 });
      connections.push(sender, receiver);
    });
    return new Participants({ flows, connections, strays: () => strays });
  }

  /** A group in which every member writes to all others. The members are spread over the first `nodes` nodes. */
  static async ofWriters(scene: Scene, members: number, nodes: number): Promise<Participants> {
    const { job, target } = scene;
    const users = Array.from({ length: members }, (_, index) => userAt(job, index));
    const flows: Flow[] = [];
    let mine = '';
    let strays = 0;
    const connect = (user: BenchUser, index: number) => {
      const received: OnMessage = (conversation, number, senderId) => {
        const sender = users.findIndex(({ id }) => id === senderId);
        if (conversation !== mine || sender === index) strays += 1;
        else flows[sender]?.delivered(index < sender ? index : index - 1, number);
      };
      return target.connect(user, received, index % nodes);
    };
    const connections = await Promise.all(users.map(connect));
    await Promise.all(connections.map((each) => target.settle(each)));
    const [owner, ...others] = connections;
    if (owner === undefined) throw new RangeError('A group has members');
    mine = await target.group(owner, others);
    for (const sender of connections) {
      flows.push(new Flow({ ...scene, sender, conversation: mine, receivers: members - 1 }));
    }
    return new Participants({ flows, connections, strays: () => strays });
  }

  /** A group; the first user writes to all others. */
  static async ofGroup(scene: Scene, members: number): Promise<Participants> {
    const { job, target } = scene;
    const flows: Flow[] = [];
    let mine = '';
    let strays = 0;
    const sender = await target.connect(userAt(job, 0), () => (strays += 1));
    const users = job.users.slice(1, 1 + members);
    const receivers = await concurrently(users, SETTING_UP_AT_ONCE, (user, index) =>
      target.connect(user, (conversation, number) => {
        if (conversation === mine) flows[0]?.delivered(index, number);
        else strays += 1;
      }),
    );
    await concurrently([sender, ...receivers], SETTING_UP_AT_ONCE, (each) => target.settle(each));
    mine = await target.group(sender, receivers);
    flows.push(new Flow({ ...scene, sender, conversation: mine, receivers: members }));
    return new Participants({ flows, connections: [sender, ...receivers], strays: () => strays });
  }

  get inProgress(): number {
    return this.flows.reduce((sum, flow) => sum + flow.inProgress, 0);
  }

  /** The faults, one line for each kind; call it when everything should have arrived. */
  faults(order: { inOrder: boolean }): string[] {
    const sent = this.flows.reduce((sum, flow) => sum + flow.sent, 0);
    const strays = { 'delivered to another user': this.#strays() };
    return faultLines([strays, ...this.flows.map((flow) => flow.faults(order))], sent);
  }

  async close(): Promise<void> {
    await Promise.all(this.#connections.map(({ client }) => client.close()));
  }
}

const SETTING_UP_AT_ONCE = 20;

/** The user at `index`. @throws RangeError if the job has too few users */
export function userAt(job: Job, index: number): BenchUser {
  const user = job.users[index];
  if (user === undefined) throw new RangeError(`There is no user ${index}`);
  return user;
}
