/** Counts up with each addition to the contract; the version changes only when it breaks. */
export const CONTRACT = { version: 1, revision: 13 } as const;
