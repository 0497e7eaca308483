/** One row of the error table. */
export interface ErrorRow {
  /** HTTP status of an answer with this code. */
  readonly status: number;
  /** Whether the same request may succeed later, unchanged. */
  readonly retryable: boolean;
  /** What the code means, for people to read; the message of an error has the details. */
  readonly title: string;
}

const row = (status: number, title: string, retryable = false): ErrorRow => ({
  status,
  title,
  retryable,
});

/** Every error code of Parley with its HTTP status. Codes are stable. */
export const ERRORS = {
  invalid_input: row(400, 'The input is invalid'),
  unauthenticated: row(401, 'The request needs a valid session'),
  invalid_credentials: row(401, 'Username or password is wrong'),
  session_expired: row(401, 'The session has ended'),
  forbidden: row(403, 'This is not allowed'),
  blocked: row(403, 'You blocked this person'),
  recipient_unavailable: row(403, 'This person cannot be reached'),
  account_suspended: row(403, 'The account is suspended'),
  not_found: row(404, 'The resource does not exist'),
  unknown_operation: row(404, 'The operation does not exist'),
  method_not_allowed: row(405, 'The path does not support this method'),
  conflict: row(409, 'The request conflicts with the current state'),
  username_taken: row(409, 'The username is taken'),
  client_id_reused: row(409, 'The clientId was used with other content'),
  already_linked: row(409, 'One of the two users has a partner'),
  limit_reached: row(409, 'A limit is reached'),
  upload_incomplete: row(409, 'The upload is not complete', true),
  link_code_invalid: row(410, 'The link code is not valid'),
  reset_token_invalid: row(410, 'The link for a new password is not valid'),
  payload_too_large: row(413, 'The request is too large'),
  unsupported_media_type: row(415, 'The media type is not supported'),
  upload_mismatch: row(422, 'The uploaded file is not what was announced'),
  rate_limited: row(429, 'Too many requests', true),
  quota_exceeded: row(429, 'The quota is used up'),
  unavailable: row(503, 'The service cannot answer now', true),
  internal: row(500, 'Something went wrong', true),
} as const satisfies Record<string, ErrorRow>;

/** A stable identifier of what went wrong. */
export type ErrorCode = keyof typeof ERRORS;

/** One fault of an input. */
export interface ErrorIssue {
  readonly path: string;
  readonly message: string;
}

/** An error as clients receive it. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  /** Milliseconds to wait before a retry. */
  readonly retryAfterMs?: number;
  readonly issues?: readonly ErrorIssue[];
}

/** What an {@link AppError} may carry besides its code and message. */
export interface AppErrorOptions {
  readonly cause?: unknown;
  /** Overrides the table for one case of a code. */
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  readonly issues?: readonly ErrorIssue[];
}

/** The error that services and clients exchange. Callers branch on `code`, never on the message. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly issues: readonly ErrorIssue[] | undefined;

  constructor(
    code: ErrorCode,
    message: string = ERRORS[code].title,
    options: AppErrorOptions = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = options.retryable ?? ERRORS[code].retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.issues = options.issues;
  }

  /** HTTP status of the code. */
  get status(): number {
    return ERRORS[this.code].status;
  }

  /** The form that clients receive. The cause never leaves the process. */
  toBody(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
      ...(this.issues === undefined ? {} : { issues: this.issues }),
    };
  }
}

/** Turns anything thrown into an {@link AppError}; an unknown error becomes `internal` without its details. */
export function toAppError(thrown: unknown): AppError {
  return thrown instanceof AppError
    ? thrown
    : new AppError('internal', 'Something went wrong on our side', { cause: thrown });
}

/** Fields that may be missing. */
type Fields<T> = { readonly [Key in keyof T]?: T[Key] | undefined };

/** The error of a body that {@link AppError.toBody} made. A code that this version does not know becomes `internal`. */
export function fromErrorBody(body: Fields<ErrorBody> = {}): AppError {
  const code = body.code && Object.hasOwn(ERRORS, body.code) ? body.code : 'internal';
  return new AppError(code, body.message, body as Partial<ErrorBody>);
}
