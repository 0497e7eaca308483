import type { UploadFile } from '../api/uploads.ts';

/** Bytes `from` up to but not including `to` of a file, and where they go. */
export interface TransferRequest {
  readonly url: string;
  /** Exactly these are sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly file: UploadFile;
  readonly from: number;
  readonly to: number;
  /** Hears how many of the bytes are sent. */
  readonly progress: (sentBytes: number) => void;
}

/** What the store answered. */
export interface TransferAnswer {
  readonly status: number;
  /** The `ETag` header; '' when it is not there, or the page may not read it. */
  readonly etag: string;
}

/** A request on its way. */
export interface TransferRun {
  /** Rejects where there is no answer. */
  readonly done: Promise<TransferAnswer>;
  /** Ends it; `done` rejects. */
  readonly abort: () => void;
}

/** How bytes come to the store: by PUT, without credentials of ours. */
export interface Transfer {
  readonly put: (request: TransferRequest) => TransferRun;
  /** Milliseconds without progress after which a request counts as hanging. Default 30 s. */
  readonly stallMs?: number;
}
