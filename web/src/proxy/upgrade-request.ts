import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';

/** The answer of a node to an upgrade. */
export type UpgradeOutcome =
  | {
      readonly kind: 'opened';
      readonly answer: IncomingMessage;
      readonly socket: Duplex;
      /** Bytes that the node sent after its answer. */
      readonly head: Buffer;
    }
  | { readonly kind: 'refused'; readonly answer: IncomingMessage };

/** An upgrade as it is sent to a node. */
export interface UpgradeRequest {
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Aborted when the client closes its connection. */
  readonly signal: AbortSignal;
  /** Milliseconds that the node gets to answer. */
  readonly patience: number;
}

/** Sends an upgrade to one node. Rejects if the node does not answer in time. */
export function requestUpgrade(
  node: string,
  { headers, path, patience, signal }: UpgradeRequest,
): Promise<UpgradeOutcome> {
  return new Promise((resolve, reject) => {
    const send = node.startsWith('https:') ? httpsRequest : httpRequest;
    const asked = send(new URL(node), { path, headers, signal, agent: false });
    const late = setTimeout(() => asked.destroy(new Error('No answer in time')), patience);
    // Never removed: an error without a listener would end the process.
    asked.on('error', reject);
    asked.once('close', () => clearTimeout(late));
    asked.once('upgrade', (answer, socket, head) => {
      clearTimeout(late);
      socket.on('error', () => undefined);
      resolve({ kind: 'opened', answer, socket, head });
    });
    asked.once('response', (answer) => {
      clearTimeout(late);
      answer.on('error', () => undefined);
      resolve({ kind: 'refused', answer });
    });
    asked.end();
  });
}

/** Reads the body of a refusal; `undefined` if it is too large or incomplete. */
export async function readRefusal(answer: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > LARGEST_REFUSAL) return undefined;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch {
    return undefined;
  }
}

const LARGEST_REFUSAL = 64 * 1024;
