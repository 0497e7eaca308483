interface Step {
  readonly title: string;
  /** By client. */
  readonly lines: Map<string, string[]>;
}

/**
 * Frames of one connection that keep their order among themselves: what the client sent, the acknowledgements, what
 * happens in conversations, and what is live only. Between the groups the protocol promises no order: an own entry may
 * come before the acknowledgement or after it.
 */
const GROUPS: readonly RegExp[] = [
  /^>/,
  /^< 43/,
  /^< 42\["(?:receipt|typing|presence|status|profile)"/,
  /^</,
];

/** What went over the wire, step by step, in a form that is the same in every run. */
export class Transcript {
  readonly #steps: Step[] = [];
  readonly #names = new Map<string, string>();

  /** Begins the next step; what follows belongs to it. */
  begin(title: string): void {
    this.#steps.push({ title, lines: new Map() });
  }

  /** Notes what a client sent (`>`) or got (`<`). */
  note(client: string, direction: '>' | '<', text: string): void {
    const lines = this.#steps.at(-1)?.lines;
    if (lines === undefined) throw new Error('No step has begun');
    lines.set(client, [...(lines.get(client) ?? []), `${direction} ${text}`]);
  }

  /** Every value that stands for itself from now on, such as a user id, by a name that says what it is. */
  name(value: string, name: string): void {
    this.#names.set(value, `<${name}>`);
  }

  /** The steps, with the clients in the order of their names. */
  steps(): string[] {
    const ids = new Map(this.#names);
    return this.#steps.map(({ title, lines }) => {
      const clients = [...lines.keys()].toSorted();
      const text = clients.flatMap((client) =>
        grouped(client, lines.get(client) ?? []).map((line) => `${client} ${line}`),
      );
      return `# ${title}\n${normalise(text.join('\n'), ids)}\n`;
    });
  }
}

/** HTTP requests follow one another, so theirs stay as they are. */
function grouped(client: string, lines: readonly string[]): readonly string[] {
  if (client === 'http') return lines;
  const groupOf = (line: string) => GROUPS.findIndex((group) => group.test(line));
  return lines.toSorted((one, other) => groupOf(one) - groupOf(other));
}

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Values that differ in each run. Everything else is compared as it is. */
const VARYING: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\b1[6-9]\d{11}\b/g, '<time>'],
  [/"(sid|sessionToken|nextCursor|syncToken)":"[^"]+"/g, '"$1":"<$1>"'],
  [/"token":"[A-Za-z0-9_-]{43}"/g, '"token":"<sessionToken>"'],
  [/"(reconnectInMs|retryAfterMs)":\d+/g, '"$1":<milliseconds>'],
];

/** What errors say to people. Clients branch on codes and paths, never on these texts, so they may be reworded. */
const TEXTS: readonly RegExp[] = [
  /("code":"[a-z_]+","message":)"(?:[^"\\]|\\.)*"/g,
  /("path":"[^"]*","message":)"(?:[^"\\]|\\.)*"/g,
  /("type":"urn:parley:error:[a-z_]+","title":)"(?:[^"\\]|\\.)*"/g,
  /("detail":)"(?:[^"\\]|\\.)*"/g,
];

function normalise(text: string, ids: Map<string, string>): string {
  // First, because a token may contain an id, which gets no number of its own.
  const steady = VARYING.reduce((now, [from, to]) => now.replace(from, to), text);
  const named = steady.replace(ID, (id) => {
    const known = ids.get(id) ?? `<id ${ids.size + 1}>`;
    ids.set(id, known);
    return known;
  });
  return TEXTS.reduce((now, pattern) => now.replace(pattern, '$1"<text>"'), named);
}
