import assert from 'node:assert/strict';

import { checkHistory, countFaults } from './support/faults/history/check.ts';
import { cleanHistory, type DraftHistory } from './support/faults/history/generate.ts';
import { History } from './support/faults/history/history.ts';
import {
  isEntry,
  type FaultKind,
  type ReceivedEntry,
  type StoredEntry,
} from './support/faults/history/model.ts';
import { Random } from './support/faults/random.ts';

type Draft<Of> = { -readonly [Key in keyof Of]: Of[Key] };

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

/** A group of Ann and Ben in which Ann has written three messages; Ben has a plain device. */
function small() {
  let now = 0;
  const history = new History(() => (now += 1));
  const stored: Draft<StoredEntry>[] = [
    {
      ...{ conversationId: 'g', seq: 1, kind: 'members', senderId: 'ann', clientId: 'create' },
      ...{ action: 'added' as const, userIds: ['ann', 'ben'] },
    },
    ...range(3).map((index) => ({
      ...{ conversationId: 'g', seq: index + 2, kind: 'message', senderId: 'ann' },
      ...{ clientId: `a${index}`, text: `text ${index}` },
    })),
  ];
  const ann = history.device({ id: 'ann 1', userId: 'ann', kind: 'heads' });
  const ben = history.device({ id: 'ben 1', userId: 'ben', kind: 'plain' });
  const [anns, bens] = [history.connect(ann), history.connect(ben)];
  for (const entry of stored) {
    const operation = history.operation({
      ...{ device: 'ann 1', userId: 'ann', conversationId: 'g', clientId: entry.clientId },
      kind: entry.kind === 'message' ? 'message' : 'members',
      ...(entry.text == null ? {} : { text: entry.text }),
    });
    const attempt = history.attempt(operation, anns);
    history.answer(operation, attempt, { outcome: 'ok', seq: entry.seq });
    history.entry(anns, 'ack', entry);
    history.entry(bens, 'live', entry);
  }
  return { history, stored, ann, ben, anns, bens };
}

type Small = ReturnType<typeof small>;

/** The kinds of violations in the small history after a change. */
function faultsAfter(change: (of: Small) => void): FaultKind[] {
  const made = small();
  change(made);
  const violations = checkHistory(made.history.record(made.stored));
  return [...new Set(violations.map(({ kind }) => kind))].sort();
}

const renumber = ({ stored }: Small) => {
  for (const [index, entry] of stored.entries()) entry.seq = index + 1;
};

describe('the history checker', () => {
  it('finds nothing in a correct history', () => {
    assert.deepEqual(
      faultsAfter(() => undefined),
      [],
    );
  });

  it('finds an acknowledged message that is not stored', () => {
    const faults = faultsAfter((made) => {
      made.stored.pop();
    });
    assert.ok(faults.includes('lost'));
  });

  it('finds a stored message that a member never received', () => {
    assert.deepEqual(
      faultsAfter(({ bens }) => bens.received.pop()),
      ['lost'],
    );
  });

  it('does not expect all entries on a client whose session was ended', () => {
    assert.deepEqual(
      faultsAfter(({ ben, bens }) => {
        bens.received.pop();
        ben.mustBeComplete = false;
      }),
      [],
    );
  });

  it('counts entries that a later connection received in any way', () => {
    const faults = faultsAfter(({ ben, bens, history, stored }) => {
      bens.received.pop();
      history.disconnect(bens);
      history.entry(history.connect(ben), 'page', stored.at(-1)!);
    });
    assert.deepEqual(faults, []);
  });

  it('finds a gap in live entries, although a later connection receives the missing ones', () => {
    const faults = faultsAfter(({ ben, bens, history, stored }) => {
      bens.received.splice(2, 1);
      history.entry(history.connect(ben), 'page', stored[2]!);
    });
    assert.deepEqual(faults, ['lost']);
  });

  it('finds a key that is stored twice', () => {
    const faults = faultsAfter((made) => {
      made.stored.push({ ...made.stored.at(-1)!, seq: 5 });
    });
    assert.ok(faults.includes('duplicated'));
  });

  it('finds an entry that arrives twice over one connection', () => {
    assert.deepEqual(
      faultsAfter(({ bens, history, stored }) => history.entry(bens, 'live', stored[1]!)),
      ['duplicated'],
    );
  });

  it('allows pages to repeat received entries after a reconnect', () => {
    const faults = faultsAfter(({ ben, bens, history, stored }) => {
      history.disconnect(bens);
      const again = history.connect(ben);
      for (const entry of stored) history.entry(again, 'page', entry);
    });
    assert.deepEqual(faults, []);
  });

  it('finds an entry that its sender gets as the answer and as an event', () => {
    assert.deepEqual(
      faultsAfter(({ anns, history, stored }) => history.entry(anns, 'live', stored[1]!)),
      ['echoed'],
    );
  });

  it('finds entries that arrive in another order', () => {
    const faults = faultsAfter(({ bens }) =>
      bens.received.splice(1, 2, ...bens.received.slice(1, 3).reverse()),
    );
    assert.ok(faults.includes('reordered'));
  });

  it('finds messages that are stored in another order than they were sent', () => {
    const faults = faultsAfter((made) => {
      const [first, second] = made.stored.slice(1);
      made.stored.splice(1, 2, second!, first!);
      renumber(made);
    });
    assert.ok(faults.includes('reordered'));
  });

  it('finds a message that is stored before the one that it names as its predecessor', () => {
    const made = small();
    const { history, stored } = made;
    for (const [clientId, after, seq] of [
      ['x', undefined, 6],
      ['y', 'x', 5],
    ] as const) {
      const operation = history.operation({
        ...{ device: 'ann 1', userId: 'ann', conversationId: 'g', clientId, kind: 'message' },
        ...(after === undefined ? {} : { after }),
        text: clientId,
      });
      // It is never answered, so only the name of the predecessor defines the order.
      history.attempt(operation, undefined);
      stored.push({
        ...{ conversationId: 'g', seq, kind: 'message', senderId: 'ann', clientId, text: clientId },
      });
    }
    const faults = checkHistory(history.record(stored)).map(({ kind }) => kind);
    assert.ok(faults.includes('reordered'));
  });

  it('finds an entry that no client sent', () => {
    const faults = faultsAfter(({ bens, history, stored }) => {
      const forged = { ...stored.at(-1)!, seq: 5, clientId: 'forged' };
      stored.push(forged);
      history.entry(bens, 'live', forged);
    });
    assert.ok(faults.includes('phantom'));
  });

  it('finds a stored message whose every attempt was refused, or whose sender was blocked', () => {
    for (const of of [{}, { mustFail: true }]) {
      const { history, stored } = small();
      const operation = history.operation({
        ...{ device: 'ann 1', userId: 'ann', conversationId: 'g', clientId: 'no', text: 'no' },
        ...{ kind: 'message', ...of },
      });
      const attempt = history.attempt(operation, undefined);
      if (!('mustFail' in of)) {
        history.answer(operation, attempt, { outcome: 'failed', code: 'forbidden' });
      }
      stored.push({
        ...{ conversationId: 'g', seq: 5, kind: 'message', senderId: 'ann' },
        ...{ clientId: 'no', text: 'no' },
      });
      const faults = checkHistory(history.record(stored)).map(({ kind }) => kind);
      assert.ok(faults.includes('phantom'));
    }
  });

  it('finds an entry that differs from the stored one', () => {
    const faults = faultsAfter(({ bens }) => {
      const [first, ...rest] = bens.received.filter(isEntry);
      bens.received.splice(0, Infinity, { ...first!, clientId: 'other' }, ...rest);
    });
    assert.deepEqual(faults, ['phantom']);
  });

  it('finds a gap in the log', () => {
    const faults = faultsAfter(({ stored }) => (stored.at(-1)!.seq = 7));
    assert.ok(faults.includes('gap'));
  });

  it('finds an entry that a user gets after the removal or from before the join', () => {
    for (const action of ['removed', 'added'] as const) {
      const { ben, bens, history, stored } = small();
      const { clientId } = { clientId: action };
      const operation = history.operation({
        ...{ device: 'ann 1', userId: 'ann', conversationId: 'g', clientId, kind: 'members' },
      });
      history.answer(operation, history.attempt(operation, undefined), { outcome: 'ok' });
      if (action === 'added') stored[0]!.userIds = ['ann'];
      stored.splice(action === 'removed' ? 2 : 4, 0, {
        ...{ conversationId: 'g', seq: 0, kind: 'members', senderId: 'ann', clientId },
        ...{ action, userIds: ['ben'] },
      });
      for (const [index, entry] of stored.entries()) entry.seq = index + 1;
      bens.received.length = 0;
      for (const entry of stored) history.entry(bens, 'live', entry);
      const violations = checkHistory(history.record(stored));
      assert.ok(
        violations.some(({ detail, kind }) => kind === 'afterRemoval' && detail.includes(ben.id)),
      );
    }
  });

  it('finds an entry of a user who is not a member', () => {
    const faults = faultsAfter(({ stored }) => (stored[0]!.userIds = ['ben']));
    assert.ok(faults.includes('afterRemoval'));
  });

  it('finds a socket that stays open after the end of its session', () => {
    assert.deepEqual(
      faultsAfter(({ ben }) => (ben.mustEndBy = 0)),
      ['afterRemoval'],
    );
  });

  it('finds a client that shows an entry twice or in another order', () => {
    assert.deepEqual(
      faultsAfter(({ ben }) => (ben.views['g'] = [1, 2, 2, 4, 3])),
      ['duplicated', 'reordered'],
    );
  });
});

/** Each adds one violation of its kind to a correct history. */
const MUTATIONS: readonly [FaultKind, (history: DraftHistory, random: Random) => void][] = [
  [
    'lost',
    ({ devices }, random) => {
      const { connections, views } = random.pick(
        devices.filter(({ userId }) => userId !== 'guest'),
      );
      const entries = connections.flatMap(({ received }) => received.filter(isEntry));
      const { conversationId, seq } = random.pick(entries);
      const isIt = (each: object) =>
        'seq' in each &&
        each.seq === seq &&
        (each as ReceivedEntry).conversationId === conversationId;
      for (const { received } of connections) {
        const index = received.findIndex(isIt);
        if (index >= 0) received.splice(index, 1);
      }
      const shown = views[conversationId];
      if (shown) views[conversationId] = shown.filter((each) => each !== seq);
    },
  ],
  [
    'lost',
    ({ logs }, random) => {
      const log = random.pick(Object.values(logs));
      const messages = log.filter(({ kind }) => kind === 'message');
      log.splice(log.indexOf(random.pick(messages)), 1);
    },
  ],
  [
    'duplicated',
    ({ logs }, random) => {
      const log = random.pick(Object.values(logs));
      log.push({ ...random.pick(log), seq: log.length + 1 });
    },
  ],
  [
    'duplicated',
    ({ devices }, random) => {
      const { received } = random.pick(random.pick(devices).connections);
      const live = received.filter(isEntry).filter(({ via }) => via === 'live');
      if (live.length === 0) throw new Skip();
      received.push(random.pick(live));
    },
  ],
  [
    'reordered',
    ({ devices }, random) => {
      const { received } = random.pick(random.pick(devices).connections);
      const live = received.filter(isEntry).filter(({ via }) => via === 'live');
      const index = random.below(live.length - 1);
      const [one, other] = live.slice(index, index + 2);
      if (!one || !other || one.conversationId !== other.conversationId) throw new Skip();
      const [at, after] = [received.indexOf(one), received.indexOf(other)];
      received[at] = other;
      received[after] = one;
    },
  ],
  [
    'reordered',
    ({ logs, operations }, random) => {
      const log = random.pick(Object.values(logs));
      const index = random.below(log.length - 2) + 1;
      const [one, other] = [log[index]!, log[index + 1]!];
      if (one.kind !== 'message' || other.kind !== 'message') throw new Skip();
      // A message that was sent before the other was answered may have either `seq`.
      const sentEarly = ({ attempts, conversationId, seq }: DraftHistory['operations'][number]) =>
        conversationId === other.conversationId && seq === other.seq && attempts.length > 1;
      if (operations.some(sentEarly)) throw new Skip();
      log[index] = { ...other, seq: one.seq };
      log[index + 1] = { ...one, seq: other.seq };
    },
  ],
  [
    'phantom',
    ({ operations }, random) => {
      operations.splice(random.below(operations.length), 1);
    },
  ],
  [
    'gap',
    ({ logs }, random) => {
      const log = random.pick(Object.values(logs));
      log.splice(random.below(log.length - 1), 1);
    },
  ],
  [
    'afterRemoval',
    ({ devices, logs }, random) => {
      const guest = devices.find(({ userId }) => userId === 'guest')!;
      const [log] = random.shuffled(Object.values(logs));
      const { clientId, conversationId, senderId, seq } = log![2]!;
      guest.connections[0]!.received.unshift({
        ...{ via: 'live', at: 0, clientId, conversationId, senderId, seq },
      });
    },
  ],
];

/** The mutation would add no violation to this history. */
class Skip extends Error {}

describe('the history checker, on generated histories', () => {
  const SEEDS = range(50).map((seed) => seed + 1);

  it('finds nothing in correct histories', () => {
    for (const seed of SEEDS) {
      assert.deepEqual(checkHistory(cleanHistory(new Random(seed))), [], `seed ${seed}`);
    }
  });

  for (const [index, [kind, mutate]] of MUTATIONS.entries()) {
    it(`finds each added violation of the kind ${kind} (${index + 1})`, () => {
      let tried = 0;
      for (const seed of SEEDS) {
        const random = new Random(seed);
        const history = cleanHistory(random);
        try {
          mutate(history, random);
        } catch (error) {
          if (error instanceof Skip) continue;
          throw error;
        }
        tried += 1;
        assert.ok(countFaults(checkHistory(history))[kind] > 0, `seed ${seed}`);
      }
      assert.ok(tried > 10);
    });
  }
});
