import { z } from 'zod';

/** Text, or the text in a field of an object; anything else counts as absent. */
function text(field: string) {
  const inside = z.record(z.string(), z.unknown()).transform((object) => object[field]);
  return z
    .union([z.string(), inside.pipe(z.string())])
    .optional()
    .catch(undefined);
}

const complaintSchema = z.object({
  s: z.enum(['E', 'F']),
  msg: z.string(),
  attr: z.object({ error: text('errmsg'), message: text('error_str') }).default({}),
});

function complaintIn(line: string): string | undefined {
  try {
    const { msg, attr } = complaintSchema.parse(JSON.parse(line));
    return (attr.error ?? attr.message ?? msg).trim();
  } catch {
    return undefined;
  }
}

/**
 * Why a `mongod` ended, going by the last lines of its log: its first error, because the rest only follows from that
 * one; else its last line, which may come from the system's loader.
 */
export function reasonIn(lines: readonly string[]): string {
  for (const line of lines) {
    const complaint = complaintIn(line);
    if (complaint !== undefined) return complaint;
  }
  return lines.at(-1)?.slice(0, 300) ?? 'it gave no reason';
}
