import type { UploadFile } from './types.ts';

/** Sends the bytes `from` up to but not including `to` of a file. */
export interface TransferRequest {
  readonly url: string;
  /** Exactly these are sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly file: UploadFile;
  readonly from: number;
  readonly to: number;
  /** Called with the number of bytes that are sent. */
  readonly progress: (sentBytes: number) => void;
}

/** The answer of the store. */
export interface TransferAnswer {
  readonly status: number;
  /** The `ETag` header; '' if it is missing, or the page may not read it. */
  readonly etag: string;
}

/** A request in progress. */
export interface TransferRun {
  /** Rejects if there is no answer. */
  readonly done: Promise<TransferAnswer>;
  /** Aborts the request; `done` rejects. */
  readonly abort: () => void;
}

/** Sends bytes to the store by PUT, without our credentials. */
export interface Transfer {
  readonly put: (request: TransferRequest) => TransferRun;
  /** Rejects if the device cannot read the file. If it is absent, failed requests show that. */
  readonly check?: (file: UploadFile) => Promise<unknown>;
  /** Milliseconds without progress after which a request counts as hanging. Default 30 s. */
  readonly stallMs?: number;
}
