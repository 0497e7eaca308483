/** What a comparison of heads was based on. A token is its text. */
export interface SyncPoint {
  readonly nodeId: string;
  /** During which all running nodes record the changes of memberships. */
  readonly recordingEpoch: number;
  /** The number of the last invalidation of the user's rooms. */
  readonly invalidation: number;
  /** The count of changes of deliveries. */
  readonly deliveryChanges: number;
  /** The time of the cluster, in seconds. */
  readonly at: number;
}

/** A number in a token. More digits could not be held exactly. */
const NUMBER = /^\d{1,15}$/;

export function writeSyncToken(point: SyncPoint): string {
  const { at, deliveryChanges, invalidation, nodeId, recordingEpoch } = point;
  return [nodeId, recordingEpoch, invalidation, deliveryChanges, at].join('.');
}

/** `undefined` if this is no token of any node of this version. */
export function readSyncToken(token: string): SyncPoint | undefined {
  const [nodeId = '', ...numbers] = token.split('.');
  const [recordingEpoch, invalidation, deliveryChanges, at, ...rest] = numbers.map((text) =>
    NUMBER.test(text) ? Number(text) : undefined,
  );
  if (recordingEpoch === undefined || invalidation === undefined || rest.length > 0)
    return undefined;
  if (deliveryChanges === undefined || at === undefined) return undefined;
  return { nodeId, recordingEpoch, invalidation, deliveryChanges, at };
}
