import assert from 'node:assert/strict';
import type { Head } from '@parley/common/contract';

import type { MemberDocument } from '../../src/conversations/member-document.ts';
import type { OrderedDelivery } from '../../src/delivery/ordered-delivery.ts';
import { UserRooms } from '../../src/delivery/user-rooms.ts';
import { HeadChanges, type HeadChangesDeps } from '../../src/sync/head-changes.ts';
import { FakeDeliverySocket } from '../support/delivery-socket.ts';

const USER = 'ann';
const LIMIT = 3;

/** A node on which a user has a heads socket in the rooms of some conversations. */
class Node {
  readonly rooms = new UserRooms(() => 0);
  readonly socket = new FakeDeliverySocket(USER);
  readonly deliveries = new Map<string, { position: number | undefined; changedAt: number }>();
  readonly memberships = new Map<string, Pick<MemberDocument, 'conversationId' | 'present'>>();
  readonly faults: string[] = [];
  changes = 10;
  recordingEpoch: number | undefined = 0;
  stored: string[] = [];
  storedSince: number[] = [];
  isFailing = false;
  /** Happens while the heads are read. */
  meanwhile: () => void = () => undefined;
  readonly #changes: HeadChanges;

  constructor(ids: readonly string[]) {
    this.rooms.attach(this.socket);
    for (const id of ids) this.join(id);
    this.rooms.complete(USER);
    this.rooms.enterAll(this.socket);
    const deps: HeadChangesDeps = {
      memberChanges: {
        time: () => this.#read(10_000),
        changedSince: (_userId, seconds, limit) => {
          this.storedSince.push(seconds);
          return this.#read({ conversationIds: this.stored.slice(0, limit), at: 20_000 });
        },
      },
      members: {
        findOwn: (_userId, ids) =>
          Promise.resolve(
            new Map(
              ids.flatMap((id) => {
                const member = this.memberships.get(id) as MemberDocument | undefined;
                return member === undefined ? [] : [[id, member]];
              }),
            ),
          ),
      },
      delivery: {
        admit: (_place, ids) => {
          for (const id of ids) this.rooms.enter(this.socket, id);
          return Promise.resolve();
        },
        deliveries: deliveriesOf(this),
        headsSocket: () => (this.socket.connected ? this.socket : undefined),
        userRooms: this.rooms,
      },
      cluster: { nodeId: 'node', nodes: { recordingEpoch: () => this.recordingEpoch } },
      reportFault: (fault) => void this.faults.push(fault),
    };
    this.#changes = new HeadChanges(deps, {
      read: (memberships) => {
        this.meanwhile();
        return Promise.resolve(
          memberships.map(({ conversationId }) => ({ conversationId }) as Head),
        );
      },
    });
  }

  get #place() {
    return { userId: USER, socketId: this.socket.id };
  }

  join(id: string): void {
    this.memberships.set(id, { conversationId: id, present: true });
    this.deliveries.set(id, { position: 1, changedAt: (this.changes += 1) });
    this.rooms.add(USER, [id]);
  }

  leave(id: string): void {
    this.rooms.forget(USER, id, (this.changes += 1));
  }

  /** The token of a comparison of all heads. */
  async token(): Promise<string | null> {
    const begun = this.#changes.begin(this.#place);
    if (begun === undefined) return null;
    return this.#changes.tokenOf(this.#place, begun, await this.#changes.time());
  }

  /** What has changed, without the token. */
  async since(token: string | null) {
    const begun = this.#changes.begin(this.#place);
    assert.ok(begun !== undefined && token !== null);
    const options = { limit: LIMIT, place: this.#place };
    const changed = await this.#changes.since(token, begun, options);
    if (changed === undefined) return undefined;
    const { heads, left, syncToken, total } = changed;
    const changedIds = heads.map(({ conversationId }) => conversationId);
    return { changed: changedIds, left, total, isLast: syncToken === null };
  }

  #read<T>(value: T): Promise<T> {
    return this.isFailing ? Promise.reject(new Error('No snapshot')) : Promise.resolve(value);
  }
}

function deliveriesOf(node: Node): HeadChangesDeps['delivery']['deliveries'] {
  return {
    get changes() {
      return node.changes;
    },
    get: (id: string) => node.deliveries.get(id) as OrderedDelivery | undefined,
  };
}

describe('the heads that have changed', () => {
  let node: Node;
  let token: string | null;
  beforeEach(async () => {
    node = new Node(['a', 'b', 'c', 'd', 'e']);
    token = await node.token();
  });

  it('are none if nothing has happened', async () => {
    assert.deepEqual(await node.since(token), { changed: [], left: [], total: 5, isLast: false });
  });

  it('are those whose delivery has moved, and those whose membership was changed', async () => {
    node.deliveries.get('d')!.changedAt = node.changes += 1;
    node.stored = ['b'];
    assert.deepEqual((await node.since(token))?.changed, ['b', 'd']);
    // As long before as a record covers later changes, and as a change may have needed to become visible.
    assert.deepEqual(node.storedSince, [10_000 - 3_600 - 600]);
  });

  it('include those whose delivery is missing or not open', async () => {
    node.deliveries.delete('a');
    node.deliveries.get('b')!.position = undefined;
    assert.deepEqual((await node.since(token))?.changed, ['a', 'b']);
  });

  it('are told apart from what was left, whether or not its membership is still stored', async () => {
    for (const id of ['a', 'b', 'c']) node.leave(id);
    node.memberships.set('a', { conversationId: 'a', present: false });
    node.memberships.delete('b');
    node.join('c');
    const { changed, left, total } = (await node.since(token))!;
    assert.deepEqual([changed, left, total], [['c'], ['a', 'b'], 3]);
  });

  it('do not include a conversation whose membership is not stored yet, nor is it left', async () => {
    node.join('f');
    node.memberships.delete('f');
    const { changed, left, total } = (await node.since(token))!;
    assert.deepEqual([changed, left, total], [[], [], 5]);
  });

  it('cannot be told if more have changed than fit, by their deliveries or their memberships', async () => {
    node.stored = ['a', 'b', 'c', 'd'];
    assert.equal(await node.since(token), undefined);
    node.stored = [];
    for (const id of ['a', 'b', 'c', 'd']) node.deliveries.get(id)!.changedAt = node.changes += 1;
    assert.equal(await node.since(token), undefined);
  });

  it('cannot be told if the rooms of the user were not known throughout', async () => {
    node.rooms.invalidateUser(USER);
    node.rooms.complete(USER);
    assert.equal(await node.since(token), undefined);
    token = await node.token();
    node.meanwhile = () => node.rooms.invalidateMembers('a');
    assert.equal(await node.since(token), undefined);
    assert.equal(await node.token(), null);
  });

  it('cannot be told if a node that does not record changes may have run', async () => {
    node.recordingEpoch = 1;
    assert.equal(await node.since(token), undefined);
    node.recordingEpoch = undefined;
    assert.equal(await node.token(), null);
  });

  it('cannot be told if the user has left more conversations than are remembered', async () => {
    for (let index = 0; index < 502; index += 1) {
      node.join(`x${index}`);
      node.leave(`x${index}`);
    }
    assert.equal(await node.since(token), undefined);
  });

  it('cannot be told, without failing, if the database does not say what has changed', async () => {
    node.isFailing = true;
    assert.equal(await node.since(token), undefined);
    assert.equal(await node.token(), null);
    assert.deepEqual(node.faults, ['head_changes_failed', 'head_changes_failed']);
  });

  it('come when the socket is in the rooms of all conversations', async () => {
    node.rooms.leave(node.socket, 'e');
    assert.equal((await node.since(token))?.isLast, false);
    assert.ok(node.rooms.isIn(node.socket, 'e'));
  });

  it('are not the base of a later comparison if the socket could not enter a room', async () => {
    node.meanwhile = () => node.rooms.leave(node.socket, 'e');
    assert.equal((await node.since(token))?.isLast, true);
  });

  it('have no token for a socket that is gone', async () => {
    node.socket.connected = false;
    assert.equal(await node.token(), null);
  });
});
