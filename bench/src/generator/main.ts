import { type FigureName, type Job, type Outcome, type TargetName } from '../job.ts';
import { catchUp } from './figures/catch-up.ts';
import { idleMemory, storm } from './figures/connections.ts';
import { expiry } from './figures/expiry.ts';
import { contended } from './figures/contended.ts';
import { fanOut, hotConversation, latency, throughput } from './figures/traffic.ts';
import { type Scene } from './participants.ts';
import { Meter } from './meter.ts';
import { ParleyTarget, PartnersTarget } from './parley-target.ts';
import { RelayTarget } from './relay-target.ts';
import { type Target } from './target.ts';

const FIGURES: Readonly<Record<FigureName, (scene: Scene) => Promise<Outcome>>> = {
  A: latency,
  B: throughput,
  C: fanOut,
  D: idleMemory,
  E: storm,
  F: catchUp,
  G: latency,
  H: expiry,
  hot: hotConversation,
  hot3: contended,
  nodes: throughput,
};

const TARGETS: Readonly<
  Record<TargetName, (urls: readonly string[], figure: FigureName) => Target>
> = {
  relay: (urls) => new RelayTarget({ urls, inOrder: true }),
  // Its insertions overtake each other, and it keeps no order.
  insert: (urls) => new RelayTarget({ urls, inOrder: false }),
  group: (urls) => new RelayTarget({ urls, inOrder: false }),
  parley: (urls, figure) =>
    figure === 'G' ? new PartnersTarget({ urls }) : new ParleyTarget({ urls }),
};

/** The load generator is a separate process: it receives one job, replies with the outcome, and ends. */
async function carryOut(job: Job): Promise<Outcome> {
  const target = TARGETS[job.target](job.urls, job.figure);
  const scene: Scene = { job, target, meter: new Meter(), now: () => performance.now() };
  return FIGURES[job.figure](scene);
}

process.once('disconnect', () => process.exit(1));
process.once('message', (job) => {
  void carryOut(job as Job)
    .catch((error: unknown) => {
      console.error(error);
      const fault = error instanceof Error ? error.message : String(error);
      return { metrics: {}, faults: [fault], measured: { from: 0, to: 0 } };
    })
    .then((outcome) => {
      process.send?.(outcome, () => process.exit(0));
    });
});
