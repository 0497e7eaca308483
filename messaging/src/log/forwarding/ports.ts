import type { ErrorBody } from '@parley/common';

import type { EntryDocument, EntryDraft } from '../entry-document.ts';
import type { PolicyFacts } from '../policy.ts';

/** Entries of one conversation, in their order, that a node forwards to the writer of the conversation. */
export interface ForwardedBatch {
  /** The node that writes them; all others ignore the batch. */
  readonly to: string;
  /** Identifies the batch on the node that forwards it. */
  readonly batchId: string;
  readonly conversationId: string;
  readonly entries: readonly ForwardedEntry[];
}

/** An entry. It keeps its id and its time, whichever node writes it. */
interface ForwardedEntry {
  readonly draft: EntryDraft;
  readonly facts: PolicyFacts;
}

/** The answer of a writer. Entries that it has written get no answer, because their cluster event shows them. */
export interface ForwardAnswer {
  /** The node that forwarded the batch; all others ignore the answer. */
  readonly to: string;
  readonly batchId: string;
  /** `busy`: no entry of the batch was accepted, and none will be written. */
  readonly outcome: { readonly kind: 'busy' } | EntryOutcome;
}

/** Why one entry was not written. */
export type EntryOutcome =
  | { readonly kind: 'repeated'; readonly id: string; readonly document: EntryDocument }
  | { readonly kind: 'nothing'; readonly id: string }
  | { readonly kind: 'refused'; readonly id: string; readonly error: ErrorBody };

/** Sends entries to other nodes that write them. A message may be late, duplicated or lost. */
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
