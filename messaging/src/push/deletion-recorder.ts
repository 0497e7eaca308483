import type { ReportFault } from '../faults.ts';
import type { ConversationLog } from '../log/conversation-log.ts';
import type { OutboxRepository } from './outbox/outbox-repository.ts';
import type { Deleted } from './outbox/push-document.ts';

interface DeletionRecorderDeps {
  readonly log: Pick<ConversationLog, 'state'>;
  readonly outbox: Pick<OutboxRepository, 'recordDeleted'>;
  /** Called when notifications are to be removed. */
  readonly onScheduled: () => void;
  readonly reportFault: ReportFault;
}

/** A deletion that this node has committed. */
interface Deletion {
  readonly conversationId: string;
  /** `seq` of the deletion. */
  readonly seq: number;
  readonly messageSeq: number;
}

/** Milliseconds for which deletions are collected. */
const COLLECT = 250;
const MAX_COLLECTED = 5_000;

/**
 * Finds out for deleted messages whether devices of the members show them, so that the notifications are removed.
 * Deletions are collected, so that one request to the database serves many.
 */
export class DeletionRecorder {
  readonly #deps: DeletionRecorderDeps;
  #deletions: Deletion[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: DeletionRecorderDeps) {
    this.#deps = deps;
  }

  record(deletion: Deletion): void {
    // Beyond the limit deletions are dropped: a notification then stays until the conversation is opened.
    if (this.#deletions.length >= MAX_COLLECTED) return;
    this.#deletions.push(deletion);
    this.#timer ??= setTimeout(() => void this.flush(), COLLECT).unref();
  }

  /** Handles everything recorded so far. Never rejects. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const deletions = this.#deletions;
    this.#deletions = [];
    if (deletions.length === 0) return;
    try {
      const found: Deleted[] = [];
      for (const deletion of deletions) found.push(await this.#membersOf(deletion));
      if ((await this.#deps.outbox.recordDeleted(found)) > 0) this.#deps.onScheduled();
    } catch (error) {
      this.#deps.reportFault('deletion_notice_failed', error);
    }
  }

  async #membersOf({ conversationId, messageSeq, seq }: Deletion): Promise<Deleted> {
    const { membership } = await this.#deps.log.state(conversationId, seq);
    return {
      conversationId,
      seq: messageSeq,
      userIds: Array.from(membership.members.values(), ({ userId }) => userId),
    };
  }
}
