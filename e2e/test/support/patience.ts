/** Milliseconds for one HTTP request. `fetch` alone waits 300 s for an answer, longer than any test may take. */
const REQUEST_MS = 60_000;

/** `fetch` that rejects when the answer has not arrived whole after some milliseconds, by default a minute. */
export function fetchWithin(
  url: string,
  init: RequestInit = {},
  within = REQUEST_MS,
): Promise<Response> {
  return fetch(url, { ...init, signal: AbortSignal.timeout(within) });
}

/** Settles as `work` does; rejects after `within` milliseconds with what is still `awaited` then. */
export async function settledWithin<Result>(
  work: Promise<Result>,
  within: number,
  awaited: () => string,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`After ${within / 1_000} s the test still waits: ${awaited()}`));
    }, within);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
