/** Adds up counts by kind. Returns one line for each kind that occurred. */
export function faultLines(counts: readonly Record<string, number>[], sent: number): string[] {
  const sums = new Map<string, number>();
  for (const [kind, count] of counts.flatMap((each) => Object.entries(each))) {
    sums.set(kind, (sums.get(kind) ?? 0) + count);
  }
  return [...sums].flatMap(([kind, count]) =>
    count === 0 ? [] : [`${count} ${kind}, of ${sent} sent`],
  );
}
