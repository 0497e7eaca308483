import assert from 'node:assert/strict';

import { troubleOf } from '../src/features/conversations/trouble.ts';
import { filterConversations } from '../src/features/conversations/filter-conversations.ts';
import { isMuted, MUTE_DURATIONS, muteEnd, muteText } from '../src/features/conversations/mute.ts';
import { peopleInPreview, previewOf } from '../src/features/conversations/preview-text.ts';
import { idOf, NOON, person, summary } from './support/builders.ts';

const settings = { mutedUntil: null, archived: false, pinned: false, unread: false };
const last = {
  seq: 1,
  senderId: idOf(2),
  own: false,
  at: NOON,
  text: 'Hello\n\nthere',
  attachment: null,
  deleted: false,
  delivery: null,
};
const nameOf = (id: string) => (id === idOf(2) ? 'Ada' : 'Bo');

describe('conversation list filter', () => {
  const direct = summary(1, { peer: person(5, 'Zoë Müller') });
  const group = summary(2, { kind: 'group', peer: null, title: 'Looms & engines' });
  const archived = summary(3, {
    peer: person(6, 'Mary'),
    settings: { ...settings, archived: true },
  });
  const all = [direct, group, archived];
  const found = (query: string) => filterConversations(all, { archived: false, query });

  it('keeps archived conversations apart', () => {
    assert.deepEqual(filterConversations(all, { archived: false, query: '' }), [direct, group]);
    assert.deepEqual(filterConversations(all, { archived: true, query: ' ' }), [archived]);
  });

  it('matches any words of a name, ignoring accents and case, and the username', () => {
    assert.deepEqual(found('zoe'), [direct]);
    assert.deepEqual(found('MULLER zo'), [direct]);
    assert.deepEqual(found('mueller'), [direct]);
    assert.deepEqual(found('engines'), [group]);
    assert.deepEqual(found('@zo'), [direct]);
    assert.deepEqual(found('nobody'), []);
  });

  it('also finds archived conversations in a search', () => {
    assert.deepEqual(found('mary'), [archived]);
  });
});

describe('mute of a conversation', () => {
  const until = (mutedUntil: number | null) => ({ ...settings, mutedUntil });
  const hours = (count: number) => count * 3_600_000;
  const style = { locale: 'en-GB', timeZone: 'UTC' };

  it('lasts an hour, eight hours, a week or for ever, from the time of the server', () => {
    const ends = MUTE_DURATIONS.map((duration) => muteEnd(duration, NOON) - NOON);
    assert.deepEqual(ends.slice(0, 3), [hours(1), hours(8), hours(168)]);
    const forever = until(muteEnd('forever', NOON));
    assert.equal(isMuted(forever, NOON + hours(24 * 365 * 1_000)), true);
  });

  it('ends by itself', () => {
    const hour = until(muteEnd('hour', NOON));
    assert.equal(isMuted(hour, NOON + hours(1) - 1), true);
    assert.equal(isMuted(hour, NOON + hours(1)), false);
    assert.equal(isMuted(until(null), NOON), false);
  });

  it('is shown with its end, if it has one', () => {
    const text = (end: number) => muteText(until(end), NOON, style);
    assert.equal(text(NOON + hours(1)), 'Muted until 11:00');
    assert.equal(text(NOON + hours(16)), 'Muted until tomorrow, 02:00');
    assert.equal(text(NOON + hours(14)), 'Muted until midnight');
    assert.equal(text(NOON + hours(168)), 'Muted until 8 May');
    assert.equal(text(muteEnd('forever', NOON)), 'Muted');
    // What another client may choose as its "for ever".
    assert.equal(text(NOON + hours(24 * 365 * 50)), 'Muted');
  });
});

describe('conversation preview', () => {
  it('is the last message on one line', () => {
    assert.equal(previewOf(summary(1, { lastMessage: last }), nameOf).text, 'Hello there');
  });

  it('names the sender when it is not obvious', () => {
    const group = summary(1, { kind: 'group', peer: null, title: 'G', lastMessage: last });
    assert.equal(previewOf(group, nameOf).text, 'Ada: Hello there');
    // A name that is not known yet is left out.
    assert.equal(previewOf(group, () => '').text, 'Hello there');
    assert.equal(previewOf({ ...group, typing: [idOf(2)] }, () => '').text, 'typing…');
    const own = { ...last, own: true };
    assert.equal(previewOf({ ...group, lastMessage: own }, nameOf).text, 'You: Hello there');
    const direct = summary(1, { lastMessage: own });
    assert.equal(previewOf(direct, nameOf).text, 'Hello there');
  });

  it('asks for no name but of the people whose profiles are loaded for it, whatever it shows', () => {
    const messages = [
      ...[null, last, { ...last, own: true }, { ...last, senderId: idOf(7) }],
      ...[
        { ...last, text: null, deleted: true },
        { ...last, text: 'x'.repeat(5_000) },
      ],
    ];
    let asked = 0;
    for (const kind of ['direct', 'group'] as const) {
      for (const typing of [[], [idOf(3)], [idOf(4), idOf(2)]]) {
        for (const draft of ['', 'Dear Ada']) {
          for (const lastMessage of messages) {
            const info = summary(1, { kind, typing, draft, lastMessage });
            const loaded = peopleInPreview(info);
            previewOf(info, (id) => {
              asked += 1;
              assert.ok(loaded.has(id), JSON.stringify(info));
              return id;
            });
          }
        }
      }
    }
    assert.ok(asked > 20);
  });

  it('prefers typing users, then a draft', () => {
    const info = summary(1, { lastMessage: last, draft: 'Dear Ada' });
    assert.deepEqual(previewOf(info, nameOf), { kind: 'draft', text: 'Dear Ada' });
    const typing = { ...info, typing: [idOf(2)] };
    assert.deepEqual(previewOf(typing, nameOf), { kind: 'typing', text: 'typing…' });
    const group = { ...typing, kind: 'group' as const };
    assert.equal(previewOf(group, nameOf).text, 'Ada is typing…');
  });

  it('shows that a message was deleted, or that there is none', () => {
    const deleted = summary(1, { lastMessage: { ...last, text: null, deleted: true } });
    assert.equal(previewOf(deleted, nameOf).text, 'Message deleted');
    assert.equal(previewOf(summary(1), nameOf).kind, 'none');
  });
});

describe('connection problem', () => {
  it('is classified by what the user can do about it', () => {
    assert.equal(troubleOf({ status: 'online', synced: false }), 'none');
    assert.equal(troubleOf({ status: 'connecting', attempt: 1 }), 'connecting');
    assert.equal(troubleOf({ status: 'connecting', attempt: 3 }), 'unreachable');
    const waiting = { status: 'waiting', attempt: 2, retryAt: NOON } as const;
    assert.equal(troubleOf({ ...waiting, reason: 'offline' }), 'offline');
    assert.equal(troubleOf({ ...waiting, reason: 'blocked' }), 'blocked');
    assert.equal(troubleOf({ ...waiting, reason: 'unreachable' }), 'unreachable');
    assert.equal(troubleOf({ ...waiting, reason: 'refused' }), 'unreachable');
    assert.equal(troubleOf({ ...waiting, reason: 'draining' }), 'connecting');
  });
});
