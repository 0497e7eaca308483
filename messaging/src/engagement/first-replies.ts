import { DAY } from '@parley/common';

/** The fields of a message that its replies are measured with. */
export interface TimedMessage {
  readonly conversationId: string;
  readonly seq: number;
  readonly senderId: string;
  /** When a node accepted it. */
  readonly at: number;
}

/** Conversations whose last messages are remembered. */
const MOST_CONVERSATIONS = 20_000;

/** Measures how long a message waited for the first reply of another person. Remembers a bounded number of conversations. */
export class FirstReplies {
  readonly #open = new Map<string, TimedMessage>();
  readonly #most: number;

  constructor(most = MOST_CONVERSATIONS) {
    this.#most = most;
  }

  /**
   * Notes a message. Returns for how many milliseconds the first of the messages that it replies to has waited;
   * `undefined` if it is not a reply, or nothing is known that it could reply to.
   */
  note(message: TimedMessage): number | undefined {
    const { conversationId, senderId, seq } = message;
    const open = this.#open.get(conversationId);
    if (open === undefined) {
      this.#remember(message);
      return undefined;
    }
    // A message that arrives late is older than the one that is remembered.
    if (seq <= open.seq) return undefined;
    const waited = Math.max(0, message.at - open.at);
    if (senderId === open.senderId && waited <= DAY) return undefined;
    this.#remember(message);
    return senderId === open.senderId || waited > DAY ? undefined : waited;
  }

  /** Copies what is needed, so that the text of the message does not stay in memory. */
  #remember({ at, conversationId, senderId, seq }: TimedMessage): void {
    // The conversation moves to the end: the one without a message for the longest time is forgotten first.
    this.#open.delete(conversationId);
    if (this.#open.size >= this.#most) {
      const [oldest] = this.#open.keys();
      if (oldest !== undefined) this.#open.delete(oldest);
    }
    this.#open.set(conversationId, { at, conversationId, senderId, seq });
  }
}
