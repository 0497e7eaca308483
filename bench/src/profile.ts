import { type TimeSpan } from './job.ts';

/** The fields of V8's `.cpuprofile` format that we read. Times are in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
    /** Ids of the nodes that it called. */
    readonly children?: readonly number[];
  }[];
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A function or package with its self time (without its callees), as a share of the busy time. */
export interface Cost {
  readonly name: string;
  readonly share: number;
}

export interface ProfileSummary {
  /** Milliseconds in which JavaScript, native code or the garbage collector ran. */
  readonly busy: number;
  /** Milliseconds in which the process was idle. */
  readonly idle: number;
  /** The most expensive first. */
  readonly functions: readonly Cost[];
  readonly packages: readonly Cost[];
  /** Our functions, including the time of everything that they called outside our workspaces. */
  readonly origins: readonly Cost[];
}

type CallFrame = CpuProfile['nodes'][number]['callFrame'];

const IDLE = '(idle)';
/** The event loop, the garbage collector, and callbacks of dependencies. */
const NOT_OURS = '(none of ours)';
const MICROSECONDS_PER_MILLISECOND = 1_000;
const FOLDERS_SHOWN = 3;

/** The package or workspace that a script belongs to; V8's own entries, such as the garbage collector, keep their name. */
export function packageOf({ functionName, url }: Pick<CallFrame, 'functionName' | 'url'>): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)';
  if (url.startsWith('node:')) return 'node';
  const inModules = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (inModules !== undefined) return inModules;
  return /([^/]+)\/(?:src|dist)\//.exec(url)?.[1] ?? url;
}

function functionOf({ functionName, url, lineNumber }: CallFrame): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const place = url.startsWith('node:') ? url : url.split('/').slice(-FOLDERS_SHOWN).join('/');
  // Line 0 says nothing: a loader may put a whole script on one line.
  return lineNumber === 0 ? `${name}  ${place}` : `${name}  ${place}:${lineNumber + 1}`;
}

function mostExpensive(costs: ReadonlyMap<string, number>, total: number): Cost[] {
  return [...costs]
    .map(([name, time]) => ({ name, share: time / total }))
    .sort((a, b) => b.share - a.share);
}

function isOurs({ url }: CallFrame): boolean {
  return url.startsWith('file:') && !url.includes('/node_modules/');
}

/** Finds, for a node of the profile, the nearest of our functions among the node itself and its callers. */
function origins({ nodes }: CpuProfile): (id: number) => string {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callers = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  );
  const known = new Map<number, string>();
  const find = (id: number): string => {
    const node = byId.get(id);
    if (node !== undefined && isOurs(node.callFrame)) return functionOf(node.callFrame);
    const caller = callers.get(id);
    return caller === undefined ? NOT_OURS : originOf(caller);
  };
  const originOf = (id: number): string => {
    const origin = known.get(id) ?? find(id);
    known.set(id, origin);
    return origin;
  };
  return originOf;
}

/** Adds up the time by function and by package, in the whole profile or in a span of it. */
export function summarise(profile: CpuProfile, within?: TimeSpan): ProfileSummary {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const originOf = origins(profile);
  const functions = new Map<string, number>();
  const packages = new Map<string, number>();
  const ours = new Map<string, number>();
  let clock = profile.startTime;
  let busy = 0;
  let idle = 0;
  for (const [index, id] of profile.samples.entries()) {
    const frame = frames.get(id);
    // A delta is the time before its sample, so the time after a sample is the delta of the next one.
    clock += profile.timeDeltas[index] ?? 0;
    const time = profile.timeDeltas[index + 1] ?? 0;
    if (frame === undefined || time <= 0) continue;
    if (within !== undefined && (clock < within.from || clock > within.to)) continue;
    if (frame.functionName === IDLE) {
      idle += time;
      continue;
    }
    busy += time;
    add(functions, functionOf(frame), time);
    add(packages, packageOf(frame), time);
    add(ours, originOf(id), time);
  }
  return {
    busy: busy / MICROSECONDS_PER_MILLISECOND,
    idle: idle / MICROSECONDS_PER_MILLISECOND,
    functions: mostExpensive(functions, busy),
    packages: mostExpensive(packages, busy),
    origins: mostExpensive(ours, busy),
  };
}

function add(sums: Map<string, number>, key: string, time: number): void {
  sums.set(key, (sums.get(key) ?? 0) + time);
}

/** The summary as text, with the `top` most expensive entries of each kind. */
export function describeProfile(summary: ProfileSummary, top = 25): string {
  const list = (costs: readonly Cost[]): string[] =>
    costs
      .slice(0, top)
      .map(({ name, share }) => `${(share * 100).toFixed(1).padStart(6)} %  ${name}`);
  const { busy, idle } = summary;
  const heading = `busy ${busy.toFixed(0)} ms, idle ${idle.toFixed(0)} ms; self time of the busy part`;
  return [
    heading,
    ...list(summary.packages),
    '',
    ...list(summary.functions),
    '',
    'our functions, with what they called outside our workspaces',
    ...list(summary.origins),
  ].join('\n');
}
