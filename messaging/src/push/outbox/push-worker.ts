import {
  BatchLoader,
  Periodic,
  type Logger,
  type PeriodicMetrics,
  type SessionReader,
} from '@parley/backend-common';
import { SECOND, type Now } from '@parley/common';

import type { DeviceDocument, DeviceRepository } from '../../devices/repository.ts';
import { isLive } from '../../devices/sweeper.ts';
import type { PushComposer } from '../composer.ts';
import type { PushContent, PushOutcome, PushSender } from '../ports.ts';
import type { PushMetrics } from '../push-metrics.ts';
import type { Ending, LeasedPush, OutboxRepository } from './outbox-repository.ts';

interface PushWorkerDeps {
  readonly outbox: OutboxRepository;
  readonly devices: Pick<DeviceRepository, 'ofUsers' | 'removeInvalid'>;
  readonly sessions: Pick<SessionReader, 'byId'>;
  readonly composer: Pick<PushComposer, 'compose' | 'isOutdated'>;
  readonly sender: PushSender;
  /** Pushes that are sent concurrently. */
  readonly concurrency: number;
  readonly metrics: PushMetrics;
  readonly periodicMetrics: PeriodicMetrics;
  readonly now: Now;
  readonly logger: Logger;
}

/** The results of a push to all devices of a user. */
interface Result {
  readonly reached: string[];
  readonly refused: string[];
  /** For each device that is to be tried again, the milliseconds that Firebase asks to wait. */
  readonly later: number[];
}

/** Users in one query of devices; each has at most ten. */
const DEVICES = 200;
const EVERY = SECOND;

/** Sends the pushes of the outbox that are due. Every node runs one worker; a lease gives each push to one of them. */
export class PushWorker {
  readonly #deps: PushWorkerDeps;
  readonly #claiming: Periodic;
  readonly #inProgress = new Set<Promise<void>>();
  /** The devices of users: pushes that are sent concurrently share queries. */
  readonly #devices: BatchLoader<DeviceDocument[]>;
  /** Pushes that may be claimed besides those in progress. */
  #free: number;
  /** Whether more may be due than the last claim took. */
  #hasMore = false;

  constructor(deps: PushWorkerDeps) {
    this.#deps = deps;
    this.#free = deps.concurrency;
    this.#devices = new BatchLoader({
      maxBatchSize: DEVICES,
      read: async (userIds) => {
        const found = new Map(userIds.map((userId): [string, DeviceDocument[]] => [userId, []]));
        for (const device of await deps.devices.ofUsers(userIds))
          found.get(device.userId)?.push(device);
        return found;
      },
    });
    this.#claiming = new Periodic({
      name: 'push_outbox',
      every: EVERY,
      metrics: deps.periodicMetrics,
      run: async () => {
        await this.#claimAndSend();
      },
      onFault: (error) => deps.logger.warn({ err: error }, 'Pushes that are due were not claimed'),
    });
  }

  start(): void {
    this.#claiming.start();
  }

  /** Waits for the pushes in progress. What else is due is left to other nodes. */
  async stop(): Promise<void> {
    await this.#claiming.stop();
    await Promise.all(this.#inProgress);
  }

  /** Something may be due: claims it now instead of at the next second. */
  wake(): void {
    this.#claiming.wake();
  }

  /** Claims what is due, and resolves when that is sent. Pushes in progress, which may hang, do not delay it. */
  async run(): Promise<void> {
    const { sent } = await this.#claimAndSend();
    await sent;
  }

  /** Resolves when pushes are claimed; `sent` resolves when those are sent. Neither waits for other pushes. */
  async #claimAndSend(): Promise<{ readonly sent: Promise<unknown> }> {
    const wanted = this.#free;
    this.#hasMore = true;
    if (wanted === 0) return { sent: Promise.resolve() };
    this.#free = 0;
    let claimed: LeasedPush[] = [];
    try {
      claimed = await this.#deps.outbox.claim(wanted);
    } finally {
      this.#free += wanted - claimed.length;
    }
    this.#hasMore = claimed.length === wanted;
    return { sent: Promise.all(claimed.map((leased) => this.#track(this.#process(leased)))) };
  }

  async #track(sending: Promise<void>): Promise<void> {
    this.#inProgress.add(sending);
    await sending;
    this.#inProgress.delete(sending);
    this.#free += 1;
    // Claims in halves, so that one query serves several pushes.
    if (this.#hasMore && this.#free >= this.#deps.concurrency / 2) this.#claiming.wake();
  }

  async #process(leased: LeasedPush): Promise<void> {
    const { logger, metrics, outbox } = this.#deps;
    try {
      const ending = await outbox.hold(leased, () => this.#send(leased));
      metrics.endings.inc({ ending: ending.kind });
      await outbox.end(leased, ending);
    } catch (error) {
      // The lease runs out, and then any node tries again.
      logger.warn({ err: error }, 'A push was not processed and will be retried');
    }
  }

  async #send(leased: LeasedPush): Promise<Ending> {
    const { document } = leased;
    const devices = await this.#devicesOf(document.userId);
    if (document.readIn !== undefined) await this.#clear(leased, devices);
    const retryAfterMs = await this.#takeBack(leased, devices);
    if (retryAfterMs !== undefined && !this.#deps.outbox.isLastAttempt(leased)) {
      return { kind: 'later', retryAfterMs, done: document.done ?? [] };
    }
    if (document.seq <= (document.pushed?.seq ?? -1)) return { kind: 'dropped' };
    const composed = devices.length === 0 ? undefined : await this.#deps.composer.compose(document);
    if (composed === undefined) return { kind: 'dropped' };
    const done = document.done ?? [];
    const remaining = devices.filter(({ _id }) => !done.includes(_id));
    const { later, reached, refused } = await this.#sendToAll(remaining, composed.content);
    const received = [...done, ...reached];
    if (later.length > 0 && !this.#deps.outbox.isLastAttempt(leased)) {
      return { kind: 'later', retryAfterMs: Math.max(...later), done: received };
    }
    if (received.length > 0) return { kind: 'pushed', from: composed.from, deviceIds: received };
    return { kind: later.length + refused.length > 0 ? 'failed' : 'dropped' };
  }

  /** Removes the notification from the other devices. Tried once: if it fails, a stale notification stays there. */
  async #clear(leased: LeasedPush, devices: readonly DeviceDocument[]): Promise<void> {
    const { conversationId, pushed, readIn, seq } = leased.document;
    const shownOn = new Set(pushed?.deviceIds);
    const others = devices.filter(({ _id, sessionId }) => shownOn.has(_id) && sessionId !== readIn);
    const data = {
      ...{ type: 'read', seq: String(pushed?.seq ?? seq) },
      ...(conversationId === null ? {} : { conversationId }),
    };
    await this.#sendToAll(others, { data, tag: conversationId ?? 'partner' });
    await this.#deps.outbox.cleared(leased);
  }

  /**
   * Removes a notification whose messages were deleted from all devices. If that fails on some, it answers after how many
   * milliseconds it is to be tried again.
   */
  async #takeBack(
    leased: LeasedPush,
    devices: readonly DeviceDocument[],
  ): Promise<number | undefined> {
    const { composer, metrics, outbox } = this.#deps;
    const { document } = leased;
    const { conversationId, deletedSeq, pushed } = document;
    if (deletedSeq === undefined) return undefined;
    if (conversationId !== null && pushed !== undefined && (await composer.isOutdated(document))) {
      const shownOn = devices.filter(({ _id }) => pushed.deviceIds.includes(_id));
      const data = { type: 'read', cause: 'deleted', seq: String(pushed.seq), conversationId };
      const { later, reached } = await this.#sendToAll(shownOn, { data, tag: conversationId });
      metrics.takenBack.inc(reached.length);
      if (later.length > 0) return Math.max(...later);
    }
    await outbox.takenBack(leased);
    return undefined;
  }

  async #sendToAll(devices: readonly DeviceDocument[], content: PushContent): Promise<Result> {
    const result: Result = { reached: [], refused: [], later: [] };
    await Promise.all(
      devices.map(async (device) => {
        const outcome = await this.#sendTo(device, content);
        if (outcome.kind === 'sent') result.reached.push(device._id);
        else if (outcome.kind === 'refused') result.refused.push(outcome.code);
        else if (outcome.kind === 'later') result.later.push(outcome.retryAfterMs ?? 0);
      }),
    );
    return result;
  }

  async #sendTo(device: DeviceDocument, content: PushContent): Promise<PushOutcome> {
    const { devices, logger, metrics, sender } = this.#deps;
    const { _id: deviceId, platform, token } = device;
    const end = metrics.duration.startTimer();
    const outcome = await sender.send({ deviceId, token, platform, content });
    end();
    metrics.outcomes.inc({ outcome: outcome.kind });
    const { conversationId, messageId } = content.data;
    const about = { messageId, conversationId, deviceId, outcome: outcome.kind };
    logger.debug(about, 'A push was handed to its sender');
    if (outcome.kind === 'dead') await devices.removeInvalid(deviceId, token);
    if (outcome.kind === 'later' || outcome.kind === 'refused') {
      logger.warn({ deviceId, platform, code: outcome.code }, 'Firebase did not accept a push');
    }
    return outcome;
  }

  /** The devices of a user whose sessions are live. */
  async #devicesOf(userId: string): Promise<DeviceDocument[]> {
    const { now, sessions } = this.#deps;
    const found = (await this.#devices.load(userId)) ?? [];
    const live = await Promise.all(found.map(({ sessionId }) => sessions.byId(sessionId)));
    return found.filter((device, index) => {
      const session = live[index] ?? null;
      return session?.userId === device.userId && isLive(session, now());
    });
  }
}
