import assert from 'node:assert/strict';
import type { S3ObjectStore } from '@parley/backend-common';
import { testObjectStore, type TestMongo } from '@parley/backend-common/testing';

import { canonicalType } from '../../src/attachments/media-types.ts';
import { recognise } from '../../src/attachments/recognition/recognise.ts';
import { AttachmentNode, get } from '../support/attachment-node.ts';
import { corpus, distinct, type CorpusFile } from '../support/corpus.ts';
import { directOf, testDatabase } from '../support/test-log.ts';

/** The only types that may be served to be shown in place. */
const SAFE = new Set([
  ...['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'],
  ...['video/mp4', 'video/webm', 'audio/mpeg', 'audio/aac', 'audio/mp4'],
  ...['audio/ogg', 'audio/flac', 'audio/wav', 'audio/webm'],
]);
/** Every file belongs to one of them, by its recognised type. */
const GROUPS = {
  pictures: /^image\//,
  films: /^video\//,
  sounds: /^audio\//,
  texts: /^(?:text|message)\//,
  others: /^(?!image|video|audio|text|message)/,
};
/** Pairs of people who send files at the same time. */
const PAIRS = 2;
/** Uploads of a person in progress at a time; the service allows five. */
const AT_ONCE = 4;

type Pair = Awaited<ReturnType<typeof directOf>>;

/** What a reader sees of a file. */
interface Outcome {
  readonly stored: string;
  readonly inMessage: string;
  readonly kind: string;
  readonly served: string | null;
  readonly disposition: string;
  readonly hasItsBytes: boolean;
}

/** What a reader has to see of a file. */
function outcomeOf({ type }: CorpusFile): Outcome {
  const isShown = SAFE.has(type);
  return {
    ...{ stored: type, inMessage: type },
    kind: isShown ? (type.split('/')[0] ?? '') : 'file',
    served: isShown ? type : 'application/octet-stream',
    disposition: isShown ? 'inline' : 'attachment',
    hasItsBytes: true,
  };
}

describe('the files that people send', function () {
  this.timeout(300_000);
  let mongo: TestMongo;
  let store: S3ObjectStore;
  let node: AttachmentNode;
  before(async () => {
    mongo = await testDatabase();
    store = testObjectStore();
    node = new AttachmentNode(mongo, { store });
  });
  after(async () => {
    await node.close();
    store.close();
    await mongo.drop();
  });

  /** Announces, uploads, completes, sends and downloads a file. */
  const travel = async (file: CorpusFile, by: Pair) => {
    const { ann, ben, conversationId } = by;
    const { id: attachmentId } = await node.ready(ann, conversationId, file);
    const { attachment } = await node.send(ann, conversationId, attachmentId);
    const { url } = await node.call(ben, 'attachment:url', { attachmentId });
    const { bytes, headers } = await get(url);
    const disposition = headers.get('content-disposition') ?? '';
    assert.ok(disposition.includes(encodeURIComponent(file.name)), disposition);
    assert.equal(headers.get('content-encoding'), null, file.name);
    return {
      stored: (await node.stored(attachmentId))?.contentType ?? '',
      inMessage: attachment?.contentType ?? '',
      kind: attachment?.kind ?? '',
      served: headers.get('content-type'),
      disposition: disposition.split(';', 1)[0] ?? '',
      hasItsBytes: bytes.equals(file.bytes),
    } satisfies Outcome;
  };

  it('have the type of their content under every name and announced type', async () => {
    const files = corpus();
    const found = files.map(async ({ bytes, contentType, name }) => {
      const announced = { contentType: canonicalType(contentType), isWhole: true };
      return [name, contentType, await recognise(bytes, announced)];
    });
    const right = files.map(({ contentType, name, type }) => [name, contentType, type]);
    assert.deepEqual(await Promise.all(found), right);
  });

  it('are 150 and more', () => {
    const count = distinct(corpus()).length;
    assert.ok(count >= 150, `${count} files`);
  });

  for (const [group, belongs] of Object.entries(GROUPS)) {
    it(`arrive whole, under the type of their content, and run nowhere: ${group}`, async () => {
      const files = distinct(corpus()).filter(({ type }) => belongs.test(type));
      const outcomes = new Map<CorpusFile, Outcome>();
      const waiting = [...files];
      const work = async (by: Pair) => {
        for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
          outcomes.set(file, await travel(file, by));
        }
      };
      const pairs = await Promise.all(Array.from({ length: PAIRS }, () => directOf(node.node)));
      await Promise.all(pairs.flatMap((pair) => Array<Pair>(AT_ONCE).fill(pair)).map(work));
      const seen = files.map((file) => [file.name, file.contentType, outcomes.get(file)]);
      const expected = files.map((file) => [file.name, file.contentType, outcomeOf(file)]);
      assert.deepEqual(seen, expected);
      assert.deepEqual(node.faults, []);
    });
  }
});
