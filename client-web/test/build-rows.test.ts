import assert from 'node:assert/strict';
import { DAY, MINUTE } from '@parley/common';

import { buildRows, type RowOptions } from '../src/features/timeline/build-rows.ts';
import { idOf, membersItem, message, NOON } from './support/builders.ts';

const options: RowOptions = { fromStart: false, unread: null, events: true };
const kinds = (rows: readonly { kind: string }[]) => rows.map(({ kind }) => kind);
const places = (rows: ReturnType<typeof buildRows>) =>
  rows.flatMap((row) => (row.kind === 'message' ? [[row.first, row.last]] : []));

describe('timeline rows', () => {
  it('groups messages of one sender that are less than five minutes apart', () => {
    const rows = buildRows(
      [
        message(1, { at: NOON }),
        message(2, { at: NOON + MINUTE }),
        message(3, { at: NOON + 6 * MINUTE }),
      ],
      options,
    );
    assert.deepEqual(places(rows), [
      [true, false],
      [false, true],
      [true, true],
    ]);
  });

  it('stacks the pictures of one sender that follow each other within a minute', () => {
    const file = {
      id: idOf(9),
      kind: 'image',
      name: 'a.png',
      contentType: 'image/png',
      size: 1,
      width: 1,
      height: 1,
      durationMs: null,
      thumbnail: false,
    } as const;
    const picture = (seq: number, change: Parameters<typeof message>[1] = {}) =>
      message(seq, { attachment: file, text: null, ...change });
    const columns = (items: Parameters<typeof buildRows>[0], events = false) =>
      buildRows(items, { ...options, events }).flatMap((row) =>
        row.kind === 'message' ? [row.stack.column] : [],
      );
    const stacks = (items: Parameters<typeof buildRows>[0]) =>
      buildRows(items, options).flatMap((row) =>
        row.kind === 'message'
          ? [`${row.stack.before ? '<' : '-'}${row.stack.after ? '>' : '-'}`]
          : [],
      );
    assert.deepEqual(stacks([picture(1), picture(2), picture(3)]), ['->', '<>', '<-']);
    // A caption ends the stack; a text, a reply, another sender and a pause are no part of it.
    assert.deepEqual(stacks([picture(1), picture(2, { text: 'x' }), picture(3)]), [
      '->',
      '<-',
      '--',
    ]);
    assert.deepEqual(stacks([picture(1), message(2), picture(3)]), ['--', '--', '--']);
    assert.deepEqual(stacks([picture(1), picture(2, { senderId: idOf(3) })]), ['--', '--']);
    assert.deepEqual(stacks([picture(1), picture(2, { at: NOON + 2 * MINUTE })]), ['--', '--']);
    assert.deepEqual(stacks([picture(1), picture(2, { deleted: true })]), ['--', '--']);
    assert.deepEqual(stacks([picture(1)]), ['--']);

    // Two stand side by side; the odd one, and one with a text or a name, take the whole width.
    const five = [1, 2, 3, 4, 5].map((seq) => picture(seq));
    assert.deepEqual(columns(five), ['start', 'end', 'start', 'end', 'whole']);
    assert.deepEqual(columns(five.slice(0, 2)), ['start', 'end']);
    assert.deepEqual(columns(five.slice(0, 1)), ['whole']);
    assert.deepEqual(columns([picture(1), picture(2, { text: 'x' })]), ['whole', 'whole']);
    assert.deepEqual(columns([picture(1), picture(2), picture(3, { text: 'x' })]), [
      ...['start', 'end', 'whole'],
    ]);
    assert.deepEqual(columns([picture(1), message(2), picture(3), picture(4)]), [
      ...['whole', 'whole', 'start', 'end'],
    ]);
    assert.deepEqual(columns(five, true), ['whole', 'start', 'end', 'start', 'end']);
    const own = five.map((item) => ({ ...item, own: true }));
    assert.deepEqual(columns(own, true), ['start', 'end', 'start', 'end', 'whole']);
  });

  it('starts a new group when another member writes or an event comes between', () => {
    const rows = buildRows(
      [
        message(1),
        message(2, { senderId: idOf(3) }),
        membersItem(3),
        message(4, { senderId: idOf(3) }),
      ],
      options,
    );
    assert.deepEqual(places(rows), [
      [true, true],
      [true, true],
      [true, true],
    ]);
  });

  it('separates days', () => {
    const rows = buildRows([message(1, { at: NOON }), message(2, { at: NOON + DAY })], options);
    assert.deepEqual(kinds(rows), ['day', 'message', 'day', 'message']);
  });

  it('gives a day that occurs twice two keys, so that a clock that steps back breaks nothing', () => {
    const rows = buildRows(
      [message(1, { at: NOON }), message(2, { at: NOON + DAY }), message(3, { at: NOON + 1 })],
      options,
    );
    assert.equal(new Set(rows.map(({ key }) => key)).size, rows.length);
  });

  it('puts the unread line before the first unread message of others, and only there', () => {
    const items = [1, 2, 3, 4].map((seq) => message(seq));
    const rows = buildRows(items, { ...options, unread: { after: 2, upTo: 9 } });
    assert.deepEqual(kinds(rows), ['day', 'message', 'message', 'unread', 'message', 'message']);
    assert.deepEqual(places(rows)[1], [false, true], 'the group ends at the line');
    assert.deepEqual(places(rows)[2], [true, false], 'and begins anew after it');
  });

  it('omits the unread line while the place where it belongs is not in memory', () => {
    const items = [5, 6].map((seq) => message(seq));
    const drawn = (change: Partial<RowOptions>) =>
      kinds(buildRows(items, { ...options, ...change })).includes('unread');
    assert.equal(drawn({ unread: { after: 2, upTo: 9 } }), false);
    assert.equal(drawn({ unread: { after: 2, upTo: 9 }, fromStart: true }), true);
    assert.equal(drawn({ unread: { after: 4, upTo: 9 } }), true);
  });

  it('omits the unread line for messages that came after the conversation was opened', () => {
    const rows = buildRows([message(1), message(2)], {
      ...options,
      unread: { after: 0, upTo: 1 },
    });
    assert.deepEqual(kinds(rows), ['day', 'unread', 'message', 'message']);
    const later = buildRows([membersItem(1), message(2)], {
      ...options,
      unread: { after: 0, upTo: 1 },
    });
    assert.deepEqual(kinds(later), ['day', 'event', 'message']);
  });

  it('omits the unread line for own messages', () => {
    const rows = buildRows([message(1), message(2, { own: true })], {
      ...options,
      unread: { after: 1, upTo: 9 },
    });
    assert.deepEqual(kinds(rows), ['day', 'message', 'message']);
  });

  it('puts no unread line before a message that is deleted, which nobody can read any more', () => {
    const items = [message(1), message(2, { deleted: true, text: null }), message(3)];
    const unread = { after: 1, upTo: 9 };
    assert.deepEqual(kinds(buildRows(items, { ...options, unread })), [
      ...['day', 'message', 'message', 'unread', 'message'],
    ]);
    assert.deepEqual(kinds(buildRows(items.slice(0, 2), { ...options, unread })), [
      ...['day', 'message', 'message'],
    ]);
  });

  it('omits group-only events in a direct conversation', () => {
    const rows = buildRows([membersItem(1), message(2)], { ...options, events: false });
    assert.deepEqual(kinds(rows), ['day', 'message']);
  });

  it('marks where the conversation begins', () => {
    assert.equal(buildRows([message(1)], { ...options, fromStart: true })[0]?.kind, 'start');
  });

  it('keeps the same objects for unchanged rows', () => {
    const items = [message(1), message(2), message(3)];
    const before = buildRows(items, options);
    const after = buildRows([...items, message(4)], options, before);
    assert.equal(after[1], before[1]);
    assert.equal(after[2], before[2]);
    assert.notEqual(after[3], before[3], 'message 3 is no longer the last of its group');
  });
});
