import type { ErrorCode } from '@parley/common';
import type { CallOf, Operation, OperationTable, OutputOf } from '@parley/common/contract';

/** What a reader is told of an operation beside its schemas. */
export interface OperationNotes<Op extends Operation> {
  /** What it does that its name does not say. */
  readonly description: string;
  /** Refusals of its own, beside those that any operation may answer. */
  readonly errors: readonly ErrorCode[];
  /** Fields of its input. */
  readonly fields?: Readonly<Record<string, string>>;
  /** The limits that hold, where no class of the contract says it. */
  readonly limits?: string;
  readonly input: CallOf<Op>;
  readonly output: OutputOf<Op>;
}

/** Notes on each operation of a table; a missing one does not compile. */
export type Notes<Table extends OperationTable> = {
  readonly [Name in keyof Table]: OperationNotes<Table[Name]>;
};
