import type { LinkFault } from './link-fault.ts';
import type { Rewrite } from './link.ts';

const CR_LF = '\r\n';
/** A publish to a channel without subscribers. Redis answers it in order, as it would have answered the lost one. */
const PUBLISH_TO_NOBODY = Buffer.from('*3\r\n$7\r\nPUBLISH\r\n$6\r\nnobody\r\n$0\r\n\r\n');

/** One Redis command. */
interface Command {
  readonly bytes: Buffer;
  /** In upper case. */
  readonly name: string;
}

/** Splits what a Redis client sends into commands, which are arrays of bulk strings. */
export class CommandReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The commands that are complete with this chunk. */
  read(chunk: Buffer): Command[] {
    const data = Buffer.concat([this.#rest, chunk]);
    const commands: Command[] = [];
    let start = 0;
    for (let found = commandAt(data, start); found !== undefined; found = commandAt(data, start)) {
      commands.push({ bytes: data.subarray(start, found.end), name: found.name });
      start = found.end;
    }
    this.#rest = data.subarray(start);
    return commands;
  }
}

function lineAt(data: Buffer, at: number): { text: string; end: number } | undefined {
  const end = data.indexOf(CR_LF, at);
  return end === -1 ? undefined : { text: data.toString('latin1', at, end), end: end + 2 };
}

function commandAt(data: Buffer, start: number): { name: string; end: number } | undefined {
  const head = lineAt(data, start);
  if (head === undefined) return undefined;
  let at = head.end;
  let name: string | undefined;
  for (let left = Number(head.text.slice(1)); left > 0; left -= 1) {
    const length = lineAt(data, at);
    if (length === undefined) return undefined;
    const end = length.end + Number(length.text.slice(1));
    if (data.length < end + 2) return undefined;
    name ??= data.toString('latin1', length.end, end).toUpperCase();
    at = end + 2;
  }
  return { name: name ?? '', end: at };
}

/** Loses a share of the publishes of one Redis client, which still gets an answer to each in order. */
export function losePublishes(random: () => number): (fault: () => LinkFault) => Rewrite {
  return (fault) => {
    const reader = new CommandReader();
    return (chunk) => {
      const { lostPublishes = 0 } = fault();
      const isLost = ({ name }: Command) => name === 'PUBLISH' && random() < lostPublishes;
      const commands = reader.read(chunk);
      return Buffer.concat(commands.map((each) => (isLost(each) ? PUBLISH_TO_NOBODY : each.bytes)));
    };
  };
}
