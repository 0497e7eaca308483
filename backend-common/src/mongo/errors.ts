import {
  MongoClientClosedError,
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerClosedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb';

/** Whether a write was refused because a unique index has the key already; with a name, whether it was that index. */
export function isDuplicateKey(error: unknown, index?: string): boolean {
  return (
    error instanceof MongoServerError &&
    error.code === 11000 &&
    (index === undefined || error.message.includes(`index: ${index} `))
  );
}

/** The driver's errors for: no connection, no suitable server, no answer in time, or a closed client. */
const UNAVAILABLE_CLASSES = [
  MongoNetworkError,
  MongoServerSelectionError,
  MongoOperationTimeoutError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoTopologyClosedError,
  MongoClientClosedError,
] as const;

/** The driver does not export these two: the pool was closed, and no connection became free in time. */
const UNAVAILABLE_NAMES: ReadonlySet<string> = new Set([
  'MongoPoolClosedError',
  'MongoWaitQueueTimeoutError',
]);

/** What Node reports if a connection ends while something is written to it. The driver passes these on as they are. */
const BROKEN_CONNECTION: ReadonlySet<unknown> = new Set([
  ...['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'ETIMEDOUT', 'EHOSTUNREACH'],
  ...['ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END', 'ERR_SOCKET_CLOSED'],
]);

/** Error codes of the server for: no primary, not reachable, timed out, or too few members for the write concern. */
const UNAVAILABLE_CODES: ReadonlySet<unknown> = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  50, // MaxTimeMSExpired
  64, // WriteConcernTimeout
  89, // NetworkTimeout
  91, // ShutdownInProgress
  100, // UnsatisfiableWriteConcern
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  189, // PrimarySteppedDown
  262, // ExceededTimeLimit
  9001, // SocketException
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
]);

/**
 * Whether MongoDB cannot serve now, so that the same request may succeed later: it is not reachable, has no primary,
 * did not answer in time, or has too few members. A write that failed with such an error may have been applied.
 */
export function isMongoUnavailable(error: unknown): boolean {
  if (!(error instanceof MongoError)) return isBrokenConnection(error);
  return (
    UNAVAILABLE_CLASSES.some((each) => error instanceof each) ||
    UNAVAILABLE_NAMES.has(error.name) ||
    UNAVAILABLE_CODES.has(error.code)
  );
}

function isBrokenConnection(error: unknown): boolean {
  return error instanceof Error && BROKEN_CONNECTION.has((error as NodeJS.ErrnoException).code);
}
