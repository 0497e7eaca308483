import { type FigureName, type Scale, type TargetName } from './job.ts';

/** How a report shows one number of a figure. */
export interface Metric {
  readonly name: string;
  readonly label: string;
  readonly digits: number;
}

/** One measurement and how long it takes. */
export interface Figure {
  readonly title: string;
  readonly targets: readonly TargetName[];
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly metrics: readonly Metric[];
  /** The metric that is shown as a ratio to those of the references. */
  readonly compared: string;
  /** The bare relay and the inserting relay by default. */
  readonly references?: readonly TargetName[];
}

function metric(name: string, label: string, digits = 0): Metric {
  return { name, label, digits };
}

const rate = metric('rate', 'msg/s');
const serverCpu = metric('serverCpu', 'server µs/msg', 1);
const storeCpu = metric('storeCpu', 'store µs/msg', 1);
const busy = [
  metric('serverShare', 'server busy', 2),
  metric('generatorShare', 'generator busy', 2),
  metric('storeShare', 'store busy', 2),
  metric('othersShare', 'others busy', 2),
];
const oneNode = ['relay', 'insert', 'parley'] as const;
const withoutStore = ['relay', 'parley'] as const;

type Figures<Name extends FigureName = FigureName> = Readonly<Record<Name, Figure>>;

/** Every figure at a scale. */
export function figuresAt(scale: Scale): Figures {
  return {
    ...pairFigures(scale),
    ...conversationFigures(scale),
    ...clusterFigures(scale),
    ...connectionFigures(scale),
    ...statusFigures(scale),
  };
}

/** Messages between many pairs of users. */
function pairFigures(scale: Scale): Figures<'A' | 'B'> {
  return {
    A: {
      title: `A. Latency at 200 msg/s, ${scale.pairs} pairs, 100 bytes (ms)`,
      targets: oneNode,
      warmUpSeconds: 3,
      seconds: 12,
      metrics: [
        metric('ackP50', 'ack p50', 2),
        metric('ackP95', 'ack p95', 2),
        metric('ackP99', 'ack p99', 1),
        metric('deliveryP50', 'delivery p50', 2),
        metric('deliveryP99', 'delivery p99', 1),
        serverCpu,
        ...busy,
      ],
      compared: 'ackP50',
    },
    B: {
      title: `B. Acknowledged and delivered 1:1 messages, ${scale.pairs} pairs, window 8`,
      targets: oneNode,
      warmUpSeconds: 4,
      seconds: 10,
      metrics: [rate, serverCpu, storeCpu, metric('ackP99', 'ack p99 ms', 0), ...busy],
      compared: 'rate',
    },
  };
}

/** Messages in one conversation. */
function conversationFigures(scale: Scale): Figures<'hot' | 'C'> {
  return {
    hot: {
      title: 'hot. One conversation, one sender, 64 in flight',
      targets: oneNode,
      warmUpSeconds: 3,
      seconds: 6,
      metrics: [rate, serverCpu, storeCpu, metric('ackP99', 'ack p99 ms', 1), ...busy],
      compared: 'rate',
    },
    C: {
      title: `C. Fan-out, one sender to ${scale.members} members, window 2`,
      targets: oneNode,
      warmUpSeconds: 3,
      seconds: 8,
      metrics: [
        metric('rate', 'deliveries/s'),
        metric('serverCpu', 'server µs/delivery', 2),
        metric('lastP50', 'last member p50 ms', 1),
        metric('lastP99', 'p99 ms', 1),
        ...busy,
      ],
      compared: 'rate',
    },
  };
}

/** Several nodes. */
function clusterFigures(scale: Scale): Figures<'hot3' | 'nodes'> {
  return {
    nodes: {
      title: `nodes. B on two nodes, ${scale.pairs} pairs, each with its users on different nodes`,
      targets: ['group', 'parley'],
      warmUpSeconds: 4,
      seconds: 10,
      metrics: [rate, serverCpu, storeCpu, metric('ackP99', 'ack p99 ms', 0), ...busy],
      compared: 'rate',
      references: ['group'],
    },
    hot3: {
      title: 'hot3. One conversation, three senders, on one node and on three',
      targets: ['parley'],
      warmUpSeconds: 3,
      seconds: 5,
      metrics: [
        metric('fewOnOne', '6: msg/s on one'),
        metric('fewOnAll', 'on three'),
        metric('fewRatio', 'ratio', 2),
        metric('fewOnOneP99', 'ack p99 ms on one', 1),
        metric('fewOnAllP99', 'on three', 1),
        metric('manyOnOne', '60: msg/s on one'),
        metric('manyOnAll', 'on three'),
        metric('manyRatio', 'ratio', 2),
        metric('manyOnOneP99', 'ack p99 ms on one', 1),
        metric('manyOnAllP99', 'on three', 1),
        ...busy,
      ],
      compared: 'manyRatio',
      references: [],
    },
  };
}

/** Connections: many idle ones, many new ones, and one that has missed messages. */
function connectionFigures(scale: Scale): Figures<'D' | 'E' | 'F'> {
  const [few, many] = scale.idle;
  return {
    D: {
      title: 'D. Memory of idle connections',
      targets: withoutStore,
      warmUpSeconds: 0,
      seconds: 0,
      metrics: [
        metric('base', 'base MB', 1),
        metric('few', `KB/connection at ${few}`, 1),
        metric('many', `KB/connection at ${many}`, 1),
      ],
      compared: 'many',
    },
    E: {
      title: `E. ${scale.storm} clients connect, at most 250 of them connecting at a time`,
      targets: withoutStore,
      warmUpSeconds: 0,
      seconds: 0,
      metrics: [
        metric('milliseconds', 'ms', 0),
        metric('serverCpu', 'server ms/connection', 2),
        ...busy,
      ],
      compared: 'milliseconds',
    },
    F: {
      title: `F. ${scale.missed} missed messages to one client`,
      targets: oneNode,
      warmUpSeconds: 0,
      seconds: 0,
      metrics: [
        rate,
        metric('plainRate', 'replayed/s'),
        metric('headsRate', 'pulled/s'),
        metric('serverCpu', 'server ms', 0),
      ],
      compared: 'rate',
    },
  };
}

/** Statuses of linked users. */
function statusFigures(scale: Scale): Figures<'G' | 'H'> {
  return {
    G: {
      title: `G. A status sent to the partner, 200 changes/s, ${scale.pairs} pairs (ms)`,
      targets: oneNode,
      warmUpSeconds: 3,
      seconds: 12,
      metrics: [
        metric('deliveryP50', 'delivery p50', 2),
        metric('deliveryP99', 'delivery p99', 1),
        metric('ackP50', 'ack p50', 2),
        serverCpu,
        ...busy,
      ],
      compared: 'deliveryP50',
    },
    H: {
      title: `H. ${scale.expiring} statuses end in one second, beside 200 msg/s`,
      targets: ['parley'],
      warmUpSeconds: 3,
      seconds: 10,
      metrics: [
        metric('handled', 'all handled after s', 1),
        metric('idleP99', 'ack p99 before ms', 1),
        metric('busyP99', 'ack p99 meanwhile ms', 1),
        metric('slowdown', 'ratio', 2),
        ...busy,
      ],
      compared: 'handled',
    },
  };
}
