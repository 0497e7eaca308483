import { createServer, type AddressInfo, type Socket } from 'node:net';
import { BSON } from 'mongodb';

const OP_MSG = 2013;
const OP_QUERY = 2004;
const OP_REPLY = 1;

/** A server that answers `hello` as a `mongod` without `--replSet` does, which is all that a first connection asks. */
export async function standaloneMongod(): Promise<{ uri: string; close(): Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    let buffered = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      buffered = Buffer.concat([buffered, chunk]);
      while (buffered.length >= 16 && buffered.length >= buffered.readInt32LE(0)) {
        const length = buffered.readInt32LE(0);
        socket.write(answerTo(buffered.subarray(0, length)));
        buffered = buffered.subarray(length);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    uri: `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}/parley`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function answerTo(request: Buffer): Buffer {
  const hello = {
    ...{ ok: 1, isWritablePrimary: true, ismaster: true, helloOk: true },
    ...{ minWireVersion: 0, maxWireVersion: 21, maxBsonObjectSize: 16_777_216 },
    ...{ maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000, localTime: new Date() },
  };
  const document = Buffer.from(BSON.serialize(hello));
  const isQuery = request.readInt32LE(12) === OP_QUERY;
  const body = isQuery
    ? Buffer.concat([numbers(0, 0, 0, 0, 1), document])
    : Buffer.concat([numbers(0), Buffer.from([0]), document]);
  const head = numbers(16 + body.length, 1, request.readInt32LE(4), isQuery ? OP_REPLY : OP_MSG);
  return Buffer.concat([head, body]);
}

function numbers(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) buffer.writeInt32LE(value, index * 4);
  return buffer;
}
