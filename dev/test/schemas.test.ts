import assert from 'node:assert/strict';
import { authOperations, operations, type Operation } from '@parley/common/contract';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import fc from 'fast-check';

import { readCatalogue } from '../src/docs/catalogue.ts';
import type { Schema } from '../src/docs/json-schema.ts';

const catalogue = readCatalogue();
const declared: Readonly<Record<string, Operation>> = { ...authOperations, ...operations };
const ID = '019b76da-a800-7900-8900-000000000001';
const OTHER = '019b76da-a800-7900-8900-000000000002';
const ids = (count: number) =>
  Array.from({ length: count }, (_, at) => ID.slice(0, -3) + String(at).padStart(3, '0'));
const named = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** Values at the edges of what the fields of the contract take, and beyond them. */
const EDGES: readonly unknown[] = [
  ...['', ' ', '\u00a0', '\ufeff\u3000', 'a', 'A-1', '0', 'ann', 'ANN', '.ann', 'ann.', 'an n'],
  ...[
    'a\u0000b',
    'a\u0007',
    'a\nb',
    'a\tb',
    'a\u0085b',
    'a\u2028b',
    'a\u202eb',
    '\u2066a',
    'é',
    '漢',
  ],
  ...[
    'image/PNG',
    'audio/webm; codecs=opus',
    'image',
    'a/b/c',
    '/x',
    'a/',
    'image/\u212aing',
    ' a/b',
  ],
  ...['a\\b', '../a', '@ann', '＠ann', 'a@b', '\u212aen', 'menu.jpg', '"etag"', 'nobody\u2066'],
  ...[2, 3, 31, 32, 33, 63, 64, 65, 100, 101, 127, 128, 255, 256, 257].map((n) => 'x'.repeat(n)),
  ...[32, 33, 64, 65, 100, 101].map((n) => '😀'.repeat(n)),
  ...[10_000, 10_001].map((n) => 'y'.repeat(n)),
  ...[
    ID,
    ID.toUpperCase(),
    ID.slice(1),
    'A'.repeat(47),
    'A'.repeat(48),
    'f'.repeat(64),
    'F'.repeat(64),
  ],
  ...[-1, 0, 1, 1.5, 50, 200, 201, 500, 501, 1_000_000, 1_000_001, 2 ** 31, 2 ** 31 + 1],
  ...[2 ** 53 - 1, 2 ** 53, 1e300, -(2 ** 53), true, false, null],
  ...[[], [ID], [ID, ID], [ID, OTHER], [ID, 7], ids(100), ids(101), ids(200), ids(201)],
  ...[[1], [2, 3], [2, 2], [0], [1.5]],
  ...[{}, { lastSeen: true }, { previews: false }, { lastSeen: 1 }, { unknown: true }],
  ...[[{ partNumber: 1, etag: '"e"' }], [{ partNumber: 1 }], [{ partNumber: 0, etag: 'e' }]],
  ...[
    'AVAILABLE',
    'BUSY',
    'android',
    'owner',
    'guest',
    'foreground',
    'thumbnail',
    'direct',
    'group',
  ],
];

/** What no pattern says in a form that generators understand; the descriptions do. */
const UNSAID = [
  /^At most [\d,]+ bytes$/,
  /^Each part once$/,
  /^Must not have invisible characters/,
];

const ajv = new Ajv2020({ strict: false, validateFormats: false });
function compile(schema: Schema): ValidateFunction {
  return ajv.compile({ ...schema, components: { schemas: catalogue.schemas } });
}

/** Inputs of an operation: each field has its example, or any edge, or is absent. */
function inputsOf(schema: Schema, example: Readonly<Record<string, unknown>>) {
  const variants = schema.oneOf ?? [schema];
  const names = new Set(variants.flatMap(({ properties = {} }) => Object.keys(properties)));
  const field = (name: string) => {
    const edge = fc.constantFrom(...EDGES);
    if (!(name in example)) return edge;
    return fc.oneof({ weight: 3, arbitrary: fc.constant(example[name]) }, edge);
  };
  const fields = Object.fromEntries([...names].map((name) => [name, field(name)]));
  const withUnknown: typeof fields = { ...fields, unknown: fc.constant(1) };
  const requiredKeys = Object.keys(example);
  return fc.oneof(
    fc.record(fields, { requiredKeys }),
    fc.record(fields, { requiredKeys: [] }),
    fc.record(withUnknown, { requiredKeys }),
  );
}

describe('the schemas of inputs', () => {
  for (const { example, input, name } of catalogue.operations) {
    it(`accept and refuse what the server accepts and refuses (${name})`, () => {
      const accepts = compile(input);
      const parser = declared[name]!.input;
      const inputs = inputsOf(input, example.input as Record<string, unknown>);
      const agrees = (given: unknown) => {
        const { error } = parser.safeParse(given);
        const isAccepted = accepts(given);
        if (isAccepted === (error === undefined)) return;
        const said = error?.issues.filter(
          ({ message }) => !UNSAID.some((pattern) => pattern.test(message)),
        );
        if (isAccepted && said?.length === 0) return;
        const reasons = isAccepted ? error : accepts.errors;
        assert.fail(
          `${isAccepted ? 'The server' : 'The schema'} refuses: ${JSON.stringify(reasons)}`,
        );
      };
      fc.assert(fc.property(inputs, agrees), { numRuns: 150 });
    });
  }

  const cases: readonly [string, object, boolean][] = [
    ['message:send', { conversationId: ID, clientId: 'a' }, false],
    ['message:send', { conversationId: ID, clientId: 'a', attachmentId: ID }, true],
    ['conversation:entries', { conversationId: ID, before: 3, after: 1 }, false],
    ['conversation:entries', { conversationId: ID, before: 3 }, true],
    ['user:search', { username: 'ann', prefix: 'an' }, false],
    ['user:search', {}, false],
    ['conversation:list', { cursor: '0' }, false],
    ['member:add', { conversationId: ID, userIds: [ID, ID] }, false],
    ['attachment:resume', { attachmentId: ID, partNumbers: [2, 2] }, false],
    ['receipt:read', { conversationId: ID, seq: 2 ** 53 }, false],
    ['conversation:settings', { conversationId: ID, mutedUntil: 2 ** 53 }, false],
    ['status:set', { status: 'AVAILABLE', statusExpiration: 4_102_444_800_000 }, false],
    ['status:set', { status: 'AVAILABLE', statusExpiration: null }, true],
    ['member:role', { conversationId: ID, userId: ID, role: 'guest' }, false],
    ['device:register', { token: 't', platform: 'watch' }, false],
  ];
  for (const [name, given, isAccepted] of cases) {
    it(`${isAccepted ? 'accept' : 'refuse'} ${name} with ${JSON.stringify(given)}, as the server does`, () => {
      const { input } = catalogue.operations.find((operation) => operation.name === name)!;
      assert.equal(compile(input)(given), isAccepted);
      assert.equal(declared[name]!.input.safeParse(given).success, isAccepted);
    });
  }

  it('have examples that the schema accepts and that ask for nothing in the past', () => {
    const check = (value: unknown, name: string): void => {
      if (typeof value === 'number' && value > 1e12) assert.ok(value > Date.now(), name);
      if (typeof value === 'object' && value !== null)
        for (const inner of Object.values(value)) check(inner, name);
    };
    for (const { example, input, name } of catalogue.operations) {
      const accepts = compile(input);
      assert.ok(accepts(example.input), `${name}: ${JSON.stringify(accepts.errors)}`);
      check(example.input, name);
    }
  });
});

describe('the schemas of what the server sends', () => {
  it('accept their examples', () => {
    const { events, handshake } = catalogue;
    const sent = [
      ...catalogue.operations.flatMap(({ example, name, output }) =>
        output === undefined ? [] : [{ name, schema: output, value: example.output }],
      ),
      ...[...events, handshake].map(({ example, name, payload }) => ({
        ...{ name, schema: payload, value: example },
      })),
    ];
    for (const { name, schema, value } of sent) {
      const accepts = compile(schema);
      assert.ok(accepts(value), `${name}: ${JSON.stringify(accepts.errors)}`);
    }
  });

  it('accept values that a later version adds to an enum, and variants that it adds to a union', () => {
    const entry = { id: ID, conversationId: ID, seq: 3, senderId: ID, clientId: 'a', at: 1 };
    const later: readonly [string, unknown][] = [
      ['Entry', { ...entry, kind: 'poll', question: 'Lunch?' }],
      ['PartnerEvent', { type: 'PARTNER_MOVED', partnerId: ID, timestamp: 1 }],
      ['Upload', { kind: 'resumable', expiresAt: 1, url: 'https://files.example.org' }],
      ['MemberRole', 'guest'],
      ['StatusName', 'AWAY'],
      ['ErrorCode', 'teapot'],
      ['AttachmentKind', 'model'],
    ];
    for (const [name, value] of later) assert.ok(compile(named(name))(value), name);
    const { payload } = catalogue.events.find(({ name }) => name === 'conversation')!;
    assert.ok(compile(payload)({ action: 'merged' }));
  });

  it('refuse a variant that is known and not complete', () => {
    const entry = { id: ID, conversationId: ID, seq: 3, senderId: ID, clientId: 'a', at: 1 };
    const accepts = compile(named('Entry'));
    for (const kind of ['message', 'deletion', 'members', 'title'])
      assert.equal(accepts({ ...entry, kind }), false, kind);
    assert.equal(accepts({ ...entry, kind: 'title', title: 'Lunch' }), true);
  });

  it('have no closed enum', () => {
    const all = JSON.stringify([
      catalogue.schemas,
      catalogue.operations.map(({ output }) => output),
      catalogue.events.map(({ payload }) => payload),
    ]);
    assert.deepEqual(all.match(/(?<!"not":\{)"enum":/g), null);
  });
});
