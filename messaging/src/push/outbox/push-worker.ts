import type { Logger, SessionReader } from '@parley/backend-common';
import { MINUTE, SECOND, type Now } from '@parley/common';

import type { DeviceDocument, DeviceRepository } from '../../devices/repository.ts';
import { isLive } from '../../devices/sweeper.ts';
import type { PushComposer } from '../composer.ts';
import { LEASE, type Claimed, type Ending, type OutboxRepository } from './outbox-repository.ts';
import type { PushContent, PushOutcome, PushSender } from '../ports.ts';
import type { PushMetrics } from '../push-metrics.ts';

interface PushWorkerDeps {
  readonly outbox: OutboxRepository;
  readonly devices: Pick<DeviceRepository, 'ofUsers' | 'removeDead'>;
  readonly sessions: Pick<SessionReader, 'byId'>;
  readonly composer: Pick<PushComposer, 'compose'>;
  readonly sender: PushSender;
  readonly metrics: PushMetrics;
  readonly newToken: () => string;
  readonly now: Now;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
}

/** What became of a push at all devices of a person. */
interface Result {
  readonly reached: string[];
  readonly later: { readonly code: string; readonly retryAfterMs: number }[];
  readonly refused: string[];
}

const AT_ONCE = 20;
const EVERY = SECOND;
const ATTEMPTS = 12;
const FIRST_DELAY = SECOND;
const LONGEST_DELAY = 10 * MINUTE;

/** Sends what is due in the outbox. Every node has one; a claim keeps them apart. */
export class PushWorker {
  readonly #deps: PushWorkerDeps;
  readonly #underWay = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #renewal: NodeJS.Timeout | undefined;
  readonly #runs = new Set<Promise<void>>();
  /** Pushes that may be begun besides those under way. */
  #free = AT_ONCE;
  #isStopping = false;

  constructor(deps: PushWorkerDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => void this.run(), EVERY).unref();
    this.#renewal = setInterval(() => void this.#renew(), LEASE / 3).unref();
  }

  /** Waits for what is being sent; the rest stays for other nodes. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#timer);
    await Promise.all(this.#runs);
    clearInterval(this.#renewal);
  }

  /** Sends what is due, beside what is being sent already: one that hangs holds up no other. Never throws. */
  run(): Promise<void> {
    const run = this.#run().finally(() => this.#runs.delete(run));
    this.#runs.add(run);
    return run;
  }

  async #run(): Promise<void> {
    const { logger } = this.#deps;
    try {
      while (!this.#isStopping && this.#free > 0) {
        const wanted = this.#free;
        const claimed = await this.#claim(wanted);
        await Promise.all(claimed.map((each) => this.#work(each)));
        if (claimed.length < wanted) return;
      }
    } catch (error) {
      logger.warn({ err: error }, 'Pushes that are due could not be claimed');
    }
  }

  async #claim(wanted: number): Promise<Claimed[]> {
    const { newToken, outbox } = this.#deps;
    let taken = 0;
    this.#free -= wanted;
    try {
      const claimed = await outbox.claim(newToken(), wanted);
      taken = claimed.length;
      return claimed;
    } finally {
      this.#free += wanted - taken;
    }
  }

  async #work(claimed: Claimed): Promise<void> {
    const { logger, metrics, outbox } = this.#deps;
    this.#underWay.set(claimed._id, claimed.claim);
    try {
      const ending = await this.#endingOf(claimed);
      metrics.endings.inc({ ending: ending.kind });
      await outbox.end(claimed, ending);
    } catch (error) {
      // The claim runs out, and whoever finds it then tries again.
      logger.warn({ err: error }, 'A push could not be worked on');
    } finally {
      this.#underWay.delete(claimed._id);
      this.#free += 1;
    }
  }

  async #endingOf(claimed: Claimed): Promise<Ending> {
    const devices = await this.#devicesOf(claimed.userId);
    if (claimed.readIn !== undefined) await this.#clear(claimed, devices);
    if (claimed.seq <= (claimed.pushed?.seq ?? -1)) return { kind: 'dropped' };
    const composed = devices.length === 0 ? undefined : await this.#deps.composer.compose(claimed);
    if (composed === undefined) return { kind: 'dropped' };
    const done = claimed.done ?? [];
    const open = devices.filter(({ _id }) => !done.includes(_id));
    const { later, reached, refused } = await this.#send(open, composed.content);
    const got = [...done, ...reached];
    if (later.length > 0 && claimed.attempts < ATTEMPTS) {
      return { kind: 'later', delay: this.#delay(claimed.attempts, later), done: got };
    }
    if (got.length > 0) return { kind: 'pushed', from: composed.from, deviceIds: got };
    return { kind: later.length + refused.length > 0 ? 'failed' : 'dropped' };
  }

  /** The other devices take back what they show. It is tried once: what stays there is stale, and nothing is lost. */
  async #clear(claimed: Claimed, devices: readonly DeviceDocument[]): Promise<void> {
    const { conversationId, pushed, readIn } = claimed;
    const shown = new Set(pushed?.deviceIds);
    const others = devices.filter(({ _id, sessionId }) => shown.has(_id) && sessionId !== readIn);
    const seq = String(pushed?.seq ?? claimed.seq);
    const data = { type: 'read', seq, ...(conversationId === null ? {} : { conversationId }) };
    await this.#send(others, { data, tag: conversationId ?? 'partner' });
    await this.#deps.outbox.cleared(claimed);
  }

  async #send(devices: readonly DeviceDocument[], content: PushContent): Promise<Result> {
    const result: Result = { reached: [], later: [], refused: [] };
    await Promise.all(
      devices.map(async (device) => {
        const outcome = await this.#sendTo(device, content);
        if (outcome.kind === 'sent') result.reached.push(device._id);
        else if (outcome.kind === 'refused') result.refused.push(outcome.code);
        else if (outcome.kind === 'later')
          result.later.push({ code: outcome.code, retryAfterMs: outcome.retryAfterMs ?? 0 });
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
    if (outcome.kind === 'dead') await devices.removeDead(deviceId, token);
    if (outcome.kind === 'later' || outcome.kind === 'refused') {
      logger.warn({ deviceId, platform, code: outcome.code }, 'A push was not taken');
    }
    return outcome;
  }

  /** Devices whose session is still good: a session that has ended takes its device along, however it ended. */
  async #devicesOf(userId: string): Promise<DeviceDocument[]> {
    const { devices, now, sessions } = this.#deps;
    const found = await devices.ofUsers([userId]);
    const live = await Promise.all(found.map(({ sessionId }) => sessions.byId(sessionId)));
    return found.filter((device, index) => {
      const session = live[index] ?? null;
      return session?.userId === device.userId && isLive(session, now());
    });
  }

  /** Doubles with each attempt, by half more or less, and never less than Firebase asks for. */
  #delay(attempts: number, later: Result['later']): number {
    const wanted = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (attempts - 1));
    const asked = Math.max(...later.map(({ retryAfterMs }) => retryAfterMs));
    return Math.round(Math.max(asked, wanted * (0.5 + this.#deps.random())));
  }

  async #renew(): Promise<void> {
    const byToken = new Map<string, string[]>();
    for (const [id, token] of this.#underWay) {
      byToken.set(token, [...(byToken.get(token) ?? []), id]);
    }
    for (const [token, ids] of byToken) {
      await this.#deps.outbox.renew(ids, token).catch((error: unknown) => {
        this.#deps.logger.warn({ err: error }, 'Claims of pushes were not renewed');
      });
    }
  }
}
