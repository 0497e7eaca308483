import { Periodic, type PeriodicMetrics } from '@parley/backend-common';
import { SECOND, type Now } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import type { EntryDocument } from '../log/entry-document.ts';
import { DailyMarks } from './daily-marks.ts';
import { countReply, noCounts, type DayCounts } from './day-counts.ts';
import { dayOf } from './days.ts';
import { FirstReplies } from './first-replies.ts';
import type { RecordRepository } from './record-repository.ts';

interface RecorderDeps {
  readonly records: Pick<RecordRepository, 'storeCounts' | 'markPeople' | 'markConversations'>;
  readonly periodicMetrics: PeriodicMetrics;
  readonly now: Now;
  readonly reportFault: ReportFault;
}

/**
 * Milliseconds between two writes, and so how much activity a killed node loses at most. Less than the minute after
 * which the last traces of a deleted account are removed.
 */
const EVERY = 10 * SECOND;

/** Records in memory who is active and what is sent on this node, and writes it every 10 s. */
export class Recorder {
  readonly #deps: RecorderDeps;
  readonly #people = new DailyMarks();
  readonly #conversations = new DailyMarks();
  readonly #replies = new FirstReplies();
  /** The counts of this process so far, by day. */
  readonly #counts = new Map<number, { readonly counts: DayCounts; isStored: boolean }>();
  readonly #writing: Periodic;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
    this.#writing = new Periodic({
      ...{ name: 'engagement_recording', every: EVERY, metrics: deps.periodicMetrics },
      run: () => this.#write(),
      onFault: (error) => deps.reportFault('engagement_not_recorded', error),
    });
  }

  start(): void {
    this.#writing.start();
  }

  /** Writes what is not written yet, and stops. */
  async stop(): Promise<void> {
    await this.#writing.stop();
    try {
      await this.#write();
    } catch (error) {
      this.#deps.reportFault('engagement_not_recorded', error);
    }
  }

  /** Writes now. Never rejects: what was not written is reported, and written later. */
  flush(): Promise<void> {
    return this.#writing.runNow();
  }

  /** A user has opened a connection or read messages. */
  seen(userId: string): void {
    this.#people.add(dayOf(this.#deps.now()), userId);
  }

  /** An entry that this node has written is committed. */
  wrote(entry: EntryDocument): void {
    if (entry.kind !== 'message') return;
    const { attachment, conversationId, senderId } = entry;
    const day = dayOf(entry.at);
    this.#people.add(day, senderId);
    this.#conversations.add(day, conversationId);
    const counts = this.#change(day);
    counts.messages += 1;
    if (attachment) counts.attachments[attachment.kind] += 1;
    const waited = this.#replies.note(entry);
    if (waited !== undefined) countReply(counts, waited);
  }

  /** Another node has written an entry. That node counts it; a reply to it may be written here. */
  heard(entry: EntryDocument): void {
    if (entry.kind === 'message') this.#replies.note(entry);
  }

  #change(day: number): DayCounts {
    const known = this.#counts.get(day);
    if (known !== undefined) {
      known.isStored = false;
      return known.counts;
    }
    const counts = noCounts();
    this.#counts.set(day, { counts, isStored: false });
    return counts;
  }

  async #write(): Promise<void> {
    const { now, records } = this.#deps;
    for (const marked of this.#people.waiting()) {
      await records.markPeople(marked);
      this.#people.stored(marked);
    }
    for (const marked of this.#conversations.waiting()) {
      await records.markConversations(marked);
      this.#conversations.stored(marked);
    }
    await this.#writeCounts();
    const yesterday = dayOf(now()) - 1;
    this.#people.forgetBefore(yesterday);
    this.#conversations.forgetBefore(yesterday);
  }

  async #writeCounts(): Promise<void> {
    const yesterday = dayOf(this.#deps.now()) - 1;
    for (const [day, state] of this.#counts) {
      if (state.isStored) {
        if (day < yesterday) this.#counts.delete(day);
        continue;
      }
      // Set before the write, because more may be counted while it is in progress.
      state.isStored = true;
      try {
        await this.#deps.records.storeCounts(day, state.counts);
      } catch (error) {
        state.isStored = false;
        throw error;
      }
    }
  }
}
