import type { ErrorBody } from '@parley/common';

import type { EntryDocument, EntryDraft } from '../entry-document.ts';
import type { PolicyFacts } from '../policy.ts';

/** Entries of one conversation, in their order, that a node forwards to the writer of the conversation. */
export interface ForwardedBatch {
  /** The node that is to write them; all others ignore the batch. */
  readonly to: string;
  /** Identifies the batch on the node that forwards it. */
  readonly batchId: string;
  readonly conversationId: string;
  readonly entries: readonly ForwardedEntry[];
}

/** An entry with the id and the time that it keeps, whoever writes it. */
interface ForwardedEntry {
  readonly draft: EntryDraft;
  readonly facts: PolicyFacts;
}

/** What a writer answers about a batch. It does not answer about entries that it wrote: their cluster event shows them. */
export interface ForwardAnswer {
  /** The node that forwarded the batch; all others ignore the answer. */
  readonly to: string;
  readonly batchId: string;
  /** `busy`: no entry of the batch was accepted, and none will be written. */
  readonly outcome: { readonly kind: 'busy' } | EntryOutcome;
}

/** What became of one entry that was not written. */
export type EntryOutcome =
  | { readonly kind: 'repeated'; readonly id: string; readonly document: EntryDocument }
  | { readonly kind: 'nothing'; readonly id: string }
  | { readonly kind: 'refused'; readonly id: string; readonly error: ErrorBody };

/** How a node reaches the other nodes with entries to write. What it sends may be late, duplicated or lost. */
export interface ForwardingLink {
  /** Identifies this node. */
  readonly nodeId: string;
  /** Whether the other nodes can probably be reached. */
  isUp(): boolean;
  /** Whether another node probably runs. */
  isAlive(nodeId: string): boolean;
  forward(batch: ForwardedBatch): void;
  answer(answer: ForwardAnswer): void;
}
