import type { OperationCall, OperationName } from '@parley/common/contract';

/** The input of an operation. Fields that are `undefined` are not sent. */
export type Input<Name extends OperationName> =
  OperationCall<Name> | Undefinable<OperationCall<Name>>;

type Undefinable<T> = T extends unknown
  ? { [Key in keyof T]: object extends Pick<T, Key> ? T[Key] | undefined : T[Key] }
  : never;
