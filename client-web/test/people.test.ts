import assert from 'node:assert/strict';
import { reading } from '@parley/common/lookalikes';

import { filterMembers, powersOver, sortMembers } from '../src/features/details/member-policy.ts';
import { conversationName, handleOf, personName } from '../src/features/people/person-name.ts';
import {
  lookalikesAmong,
  withHandle,
  withoutHandle,
} from '../src/features/people/lookalike-names.ts';
import { questionOf } from '../src/features/people/people-question.ts';
import { eventText } from '../src/features/timeline/event-text.ts';
import { colourOf, initialsOf } from '../src/ui/identity.ts';
import { idOf, membersItem, person, summary } from './support/builders.ts';
import { member } from './support/fake-client.ts';

describe('user names', () => {
  it('are the display name, otherwise the username, and mark deleted accounts', () => {
    const ada = person(1, 'Ada Lovelace');
    assert.equal(personName(ada), 'Ada Lovelace');
    assert.equal(personName({ ...ada, displayName: null }), 'ada.lovelace');
    assert.equal(personName({ ...ada, deleted: true }), 'Deleted account');
    assert.equal(personName(null), 'Unknown user');
    assert.equal(handleOf(ada), '@ada.lovelace');
    assert.equal(handleOf({ ...ada, username: null }), '');
  });

  it('name a direct conversation, while a group has a title', () => {
    assert.equal(conversationName(summary(1)), 'Ada Lovelace');
    assert.equal(conversationName(summary(1, { kind: 'group', peer: null, title: 'T' })), 'T');
  });

  it('yield initials and a stable colour', () => {
    assert.equal(initialsOf('Ada Lovelace'), 'AL');
    assert.equal(initialsOf('@bo'), 'B');
    assert.equal(initialsOf('👩‍🔬 lab'), 'L');
    assert.equal(initialsOf('Ann K. 🌻'), 'AK');
    assert.equal(initialsOf('🌻 Ann — Kay ❤️'), 'AK');
    assert.equal(initialsOf('👩‍👧 🌻'), '👩‍👧');
    assert.equal(initialsOf('n̈a ไทย'), 'N̈ไ');
    assert.equal(initialsOf('éa'), 'É');
    assert.equal(initialsOf(''), '');
    assert.equal(colourOf(idOf(7)), colourOf(idOf(7)));
    assert.ok(colourOf(idOf(7)) < 10);
  });
});

describe('names that look alike', () => {
  const named = (...names: readonly string[]) =>
    names.map((name, index) =>
      member({ ...person(index + 1, name), username: `u${index + 1}` }, 'member'),
    );
  const alike = (...names: readonly string[]) => [
    ...lookalikesAmong(named(...names), reading).values(),
  ];

  it('are told apart by the usernames of those who have them', () => {
    assert.deepEqual(alike('Ann', 'Аnn', 'Ben'), ['@u1', '@u2']);
    assert.deepEqual(alike('Ann', 'ann', 'ANN '), ['@u1', '@u2', '@u3']);
    assert.deepEqual(alike('Zoé', 'Zoe'), ['@u1', '@u2']);
    assert.deepEqual(alike('Paul', 'PauI', 'Pau1'), ['@u1', '@u2', '@u3']);
    assert.deepEqual(alike('🌻', '🌻', '🌼'), ['@u1', '@u2']);
  });

  it('are no names that differ, nor those of deleted accounts', () => {
    assert.deepEqual(alike('Ann', 'Anna', 'Hanna', '🌻', '🌼'), []);
    const [one, other] = named('Ann', 'Ann');
    const gone = { ...other!, profile: { ...other!.profile, deleted: true } };
    assert.deepEqual([...lookalikesAmong([one!, gone], reading)], []);
  });

  it('keep their initials', () => {
    for (const name of ['Ann', 'Ann (Berlin)', '(@)']) {
      assert.equal(withoutHandle(withHandle(name, '@ann-2')), name);
      assert.equal(withoutHandle(name), name);
    }
  });
});

describe('user search query', () => {
  it('is an exact username after @, otherwise a prefix', () => {
    assert.deepEqual(questionOf(' @Ada '), { username: 'ada' });
    assert.deepEqual(questionOf('Ad'), { prefix: 'Ad' });
  });

  it('is null until the text is long enough', () => {
    for (const text of ['', ' a ', '@', '@ad', 'x'.repeat(65)])
      assert.equal(questionOf(text), null);
  });
});

describe('group members', () => {
  it('are filtered by any word of their name and by username', () => {
    const all = [person(3, 'Zoë Müller'), person(4, 'Bo'), person(5, 'Ann Bose')].map((each) =>
      member(each, 'member'),
    );
    const found = (query: string) =>
      filterMembers(all, query).map(({ profile }) => profile.displayName);
    assert.deepEqual(found(''), ['Zoë Müller', 'Bo', 'Ann Bose']);
    assert.deepEqual(found('bo'), ['Bo', 'Ann Bose']);
    assert.deepEqual(found('muller ZOE'), ['Zoë Müller']);
    assert.deepEqual(found('@ann.b'), ['Ann Bose']);
    assert.deepEqual(found('nobody'), []);
  });

  const roles = (own: 'owner' | 'admin' | 'member', other: 'owner' | 'admin' | 'member') =>
    powersOver(own, { role: other });

  it('can be removed by owners, and plain members also by admins', () => {
    assert.equal(roles('owner', 'owner').remove, true);
    assert.equal(roles('admin', 'member').remove, true);
    assert.equal(roles('admin', 'admin').remove, false);
    assert.equal(roles('member', 'member').remove, false);
  });

  it('can be given roles only by owners', () => {
    assert.deepEqual(roles('owner', 'member').roles, ['owner', 'admin']);
    assert.deepEqual(roles('admin', 'member').roles, []);
  });

  it('are listed with oneself first, then by role, then by join order', () => {
    const self = member(person(1, 'Me'), 'member', 1);
    const late = member(person(2, 'Late'), 'member', 9);
    const early = member(person(3, 'Early'), 'member', 2);
    const owner = member(person(4, 'Owner'), 'owner', 5);
    assert.deepEqual(sortMembers([late, owner, early, self], idOf(1)), [self, owner, early, late]);
  });
});

describe('group events', () => {
  const people = {
    selfId: idOf(1),
    nameOf: (id: string) => (id === idOf(2) ? 'Ada' : id === idOf(3) ? 'Bo' : 'Chi'),
  };
  const added = (change: Parameters<typeof membersItem>[1]) =>
    eventText(membersItem(5, change), people);

  it('are described in a sentence', () => {
    assert.equal(added({ userIds: [idOf(3)] }), 'Ada added Bo');
    assert.equal(added({ userIds: [idOf(1), idOf(3)] }), 'Ada added you and Bo');
    assert.equal(added({ senderId: idOf(1), userIds: [idOf(3)] }), 'You added Bo');
    assert.equal(added({ action: 'removed', userIds: [idOf(3)] }), 'Ada removed Bo');
    assert.equal(added({ action: 'left', userIds: [idOf(2)] }), 'Ada left');
    assert.equal(
      added({ action: 'role', userIds: [idOf(1)], role: 'admin' }),
      'Ada made you an admin',
    );
  });

  it('start with the creation of the group', () => {
    const made = membersItem(1, { userIds: [idOf(2), idOf(3)] });
    assert.equal(eventText(made, people), 'Ada created the group');
  });

  it('name a few members and count the rest', () => {
    assert.equal(
      added({ userIds: [idOf(1), idOf(3), idOf(4), idOf(5)] }),
      'Ada added you, Bo and 2 others',
    );
  });
});
