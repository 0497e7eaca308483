import assert from 'node:assert/strict';
import fc from 'fast-check';

import type { EntryDraft, MembersDocument } from '../../src/log/entry-document.ts';
import { emptyMembership, fold } from '../../src/log/fold.ts';
import { decide } from '../../src/log/policy.ts';
import type { ConversationState } from '../../src/log/state.ts';

type Step = Pick<MembersDocument, 'action' | 'role' | 'userIds' | 'senderId'>;

const PEOPLE = ['ann', 'ben', 'cat', 'dan', 'eve'];

const anyPerson = fc.constantFrom(...PEOPLE);
const anyPeople = fc.uniqueArray(anyPerson, { minLength: 1, maxLength: 3 });
const anyRole = fc.constantFrom('owner' as const, 'admin' as const, 'member' as const);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    senderId: anyPerson,
    action: fc.constant('added' as const),
    userIds: anyPeople,
    role: fc.constant('member' as const),
  }),
  fc.record({
    senderId: anyPerson,
    action: fc.constant('removed' as const),
    userIds: anyPeople,
    role: fc.constant(null),
  }),
  fc.record({
    senderId: anyPerson,
    action: fc.constant('role' as const),
    userIds: anyPerson.map((id) => [id]),
    role: anyRole,
  }),
  anyPerson.map((senderId) => ({
    senderId,
    action: 'left' as const,
    userIds: [senderId],
    role: null,
  })),
);

describe('the membership of a group', () => {
  it('always has an owner while there are members', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
        const { members } = steps.reduce(attempt, founded(['ann', 'ben', 'cat'])).membership;
        const roles = [...members.values()].map(({ role }) => role);
        assert.ok(roles.length === 0 || roles.includes('owner'));
        assert.ok(roles.every((role) => role !== null));
      }),
    );
  });

  it('lets only owners give or take a role', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
        let state = founded(['ann', 'ben', 'cat']);
        for (const step of steps) {
          const before = state.membership.members;
          state = attempt(state, step);
          if (step.action !== 'role' || before === state.membership.members) continue;
          assert.equal(before.get(step.senderId)?.role, 'owner');
        }
      }),
    );
  });

  it('gives a member who is added again a later join, and never changes the join of one who stays', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
        let state = founded(['ann', 'ben', 'cat']);
        for (const step of steps) {
          const before = state;
          state = attempt(state, step);
          for (const [userId, { joinedSeq }] of state.membership.members) {
            const earlier = before.membership.members.get(userId);
            assert.equal(joinedSeq, earlier === undefined ? state.seq : earlier.joinedSeq);
          }
        }
      }),
    );
  });

  it('makes the longest-standing admin owner when the last owner leaves, else the longest-standing member', () => {
    const group = founded(['ann', 'ben', 'cat']);
    const withAdmin = attempt(group, {
      senderId: 'ann',
      action: 'role',
      userIds: ['cat'],
      role: 'admin',
    });
    const left = (state: ConversationState) =>
      attempt(state, { senderId: 'ann', action: 'left', userIds: ['ann'], role: null });
    assert.equal(left(withAdmin).membership.members.get('cat')?.role, 'owner');
    assert.equal(left(group).membership.members.get('ben')?.role, 'owner');
    assert.equal(left(group).membership.members.get('cat')?.role, 'member');
  });

  it('gives the same for many entries at once as for each by itself, and changes no earlier state', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
        const first = founded(['ann', 'ben', 'cat']);
        const before = [...first.membership.members];
        const entries = steps.map((step, index) => ({ ...draftOf(step), seq: index + 2 }));
        const one = entries.reduce((state, entry) => fold(state, [entry]), first);
        const all = fold(first, entries);
        assert.deepEqual([...all.membership.members], [...one.membership.members]);
        assert.deepEqual(all, one);
        assert.deepEqual([...first.membership.members], before);
      }),
    );
  });

  it('copies the members once for any number of entries', () => {
    const people = Array.from({ length: 1_000 }, (_, index) => `p${index}`);
    const group = founded(people);
    const entries = Array.from({ length: 8_000 }, (_, index) => {
      const action = index % 2 === 0 ? ('left' as const) : ('added' as const);
      const step = { senderId: 'p0', userIds: [`p${(index >> 1) % 999}`], role: 'member' as const };
      return { ...draftOf({ ...step, action }), seq: index + 2 };
    });
    let copied = 0;
    const iterate = Map.prototype[Symbol.iterator];
    Map.prototype[Symbol.iterator] = function counted(this: Map<unknown, unknown>) {
      copied += this.size;
      return iterate.call(this);
    };
    try {
      fold(group, entries);
    } finally {
      Map.prototype[Symbol.iterator] = iterate;
    }
    assert.equal(copied, people.length);
  });

  it('does not let the last owner give up the role', () => {
    const draft = draftOf({ senderId: 'ann', action: 'role', userIds: ['ann'], role: 'member' });
    const decision = decide(founded(['ann', 'ben']).membership, draft, {});
    assert.equal(decision.kind === 'refuse' && decision.error.code, 'conflict');
  });

  it('removes one of two admins who remove each other, depending on which entry is first', () => {
    const promote = (target: string): Step => {
      return { senderId: 'ann', action: 'role', userIds: [target], role: 'admin' };
    };
    const group = ['ben', 'cat'].map(promote).reduce(attempt, founded(['ann', 'ben', 'cat']));
    const removal = (senderId: string, target: string): Step => {
      return { senderId, action: 'removed', userIds: [target], role: null };
    };
    const after = [removal('ben', 'cat'), removal('cat', 'ben')].reduce(attempt, group);
    assert.deepEqual([...after.membership.members.keys()], ['ann', 'ben']);
  });
});

/** The state after a step, if the policy allows it. */
function attempt(state: ConversationState, step: Step): ConversationState {
  const decision = decide(state.membership, draftOf(step), {});
  if (decision.kind !== 'write') return state;
  return fold(state, [{ ...decision.draft, seq: state.seq + 1 }]);
}

function founded(userIds: string[]): ConversationState {
  const senderId = userIds[0]!;
  const first = draftOf({ senderId, action: 'added', userIds, role: 'member' });
  const empty = { conversationId: 'c', seq: 0, membership: emptyMembership('group', 'Title') };
  return fold(empty, [{ ...first, seq: 1 }]);
}

function draftOf(step: Step): EntryDraft {
  return { _id: 'e', conversationId: 'c', seq: 0, clientId: 'k', at: 0, kind: 'members', ...step };
}
