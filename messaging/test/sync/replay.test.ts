import assert from 'node:assert/strict';
import { AppError, LIMITS } from '@parley/common';

import type { MemberDocument } from '../../src/conversations/member-document.ts';
import type { DeliverySocket } from '../../src/delivery/ports.ts';
import { UserRooms } from '../../src/delivery/user-rooms.ts';
import { PlainSessions } from '../../src/delivery/plain-sessions.ts';
import type { PageRequest, WrittenPage } from '../../src/history/message-reader.ts';
import type { PageReceipt, SentPage } from '../../src/sync/ports.ts';
import { Replay } from '../../src/sync/replay.ts';
import { deferred } from '../support/deferred.ts';
import { FakeDeliverySocket } from '../support/delivery-socket.ts';
import { until } from '../support/until.ts';

const conversationId = 'c';
const TAIL = 9;

/** A replay of a log in memory, whose reads fail as often as the test sets. */
class Stage {
  readonly socket = new FakeDeliverySocket('ann', 'plain');
  readonly pages: SentPage[] = [];
  readonly replay: Replay;
  readonly sessions = new PlainSessions();
  readonly rooms = new UserRooms(() => 0);
  readonly live: string[] = [];
  cursors = new Map([[conversationId, 4]]);
  memberships = [{ conversationId, joinedSeq: 1, deliveredSeq: 0 } as MemberDocument];
  /** How many of the next reads fail, by kind of read. */
  readonly failing = { memberships: 0, page: 0, cursor: 0 };
  pageSize = TAIL;
  isMember = true;
  isDone = false;
  /** The positions that were written as the cursor. */
  readonly written: number[] = [];
  /** Ends a write of the cursor. */
  write: () => Promise<void> = () => Promise.resolve();
  /** What becomes of the page that was just sent. */
  receipt: () => PageReceipt | Promise<PageReceipt> = () => 'acknowledged';
  /** How long each page may stay unacknowledged. */
  readonly patience: number[] = [];

  constructor() {
    this.replay = new Replay({
      sessions: this.sessions,
      members: {
        findOwn: () => Promise.resolve(new Map(this.memberships.map((m) => [m.conversationId, m]))),
        allOf: () => Promise.resolve(this.memberships),
      },
      cursors: {
        of: () => Promise.resolve({ isBegun: true, byConversation: this.cursors }),
        findMany: () => Promise.resolve(this.cursors),
        find: () => this.#read('cursor', () => this.cursors.get(conversationId)),
        begin: () => Promise.resolve({ isBegun: true, byConversation: this.cursors }),
        advance: async (_, __, seq) => {
          await this.write();
          this.written.push(seq);
        },
      },
      reader: { written: (request) => this.#read('page', () => this.#page(request)) },
      delivery: {
        findRooms: (socket) => this.#read('memberships', () => this.#findRooms(socket)),
        userRooms: this.rooms,
        enter: (socket, at, onEntered) => {
          onEntered();
          this.rooms.enter(socket, at.conversationId);
          this.live.push(at.conversationId);
          return Promise.resolve(false);
        },
        deliveries: { get: () => ({ position: TAIL, isSettled: true, changedAt: 0 }) } as never,
      },
      pages: {
        send: async (_, page, patience) => {
          this.pages.push(page);
          this.patience.push(patience);
          return this.receipt();
        },
        done: () => {
          this.isDone = true;
        },
      },
      pause: () => new Promise((resolve) => setImmediate(resolve)),
      reportFault: () => undefined,
    });
    this.sessions.subscribe(this.replay);
  }

  get sent(): unknown[] {
    return this.pages.map(({ entries }) => JSON.parse(entries) as unknown);
  }

  #findRooms(socket: DeliverySocket): void {
    this.rooms.attach(socket);
    this.rooms.add(
      'ann',
      this.memberships.map((membership) => membership.conversationId),
    );
  }

  #page({ after = 0 }: PageRequest): WrittenPage {
    if (!this.isMember) throw new AppError('not_found');
    const seqs = Array.from({ length: TAIL - after }, (_, index) => after + index + 1);
    const page = seqs.slice(0, this.pageSize);
    const hasMore = page.length < seqs.length;
    return { entries: JSON.stringify(page), last: page.at(-1), hasMore };
  }

  #read<Read>(what: keyof Stage['failing'], read: () => Read): Promise<Read> {
    if (this.failing[what] > 0) {
      this.failing[what] -= 1;
      return Promise.reject(new Error('The database does not answer'));
    }
    return new Promise((resolve) => resolve(read()));
  }
}

describe('a replay', () => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
  });

  it('retries its preparation until the database responds', async () => {
    stage.failing.memberships = 3;
    stage.sessions.begin(stage.socket);
    await until(() => stage.isDone);
    assert.deepEqual(stage.sent, [[5, 6, 7, 8, 9]]);
    assert.deepEqual(stage.live, [conversationId]);
  });

  it('retries to read a page, because the user is still a member', async () => {
    stage.failing.page = 3;
    stage.sessions.begin(stage.socket);
    await until(() => stage.isDone);
    assert.deepEqual(stage.sent, [[5, 6, 7, 8, 9]]);
    assert.deepEqual(stage.live, [conversationId]);
  });

  it('omits a conversation if the user is not a member according to the log', async () => {
    stage.isMember = false;
    stage.sessions.begin(stage.socket);
    await until(() => stage.isDone);
    assert.deepEqual([stage.sent, stage.live], [[], []]);
  });

  it('starts at the cursor of the session for a conversation that is found late', async () => {
    stage.memberships = [];
    stage.sessions.begin(stage.socket);
    await until(() => stage.isDone);
    stage.failing.cursor = 2;
    assert.ok(stage.sessions.admit(stage.socket, conversationId));
    stage.sessions.restart(stage.socket, conversationId);
    await until(() => stage.live.length > 0);
    assert.deepEqual(stage.sent, [[5, 6, 7, 8, 9]]);
  });

  it('goes on without acknowledgements, and leaves the cursor before the first page that has none', async () => {
    stage.pageSize = 1;
    stage.receipt = () => (stage.pages.length === 2 ? 'unacknowledged' : 'acknowledged');
    const marks: number[] = [];
    stage.replay.onDelivered(({ deliveredSeq }) => Promise.resolve(marks.push(deliveredSeq)));
    stage.sessions.begin(stage.socket);
    await until(() => stage.isDone);
    await stage.replay.stop();
    assert.deepEqual(stage.sent, [[5], [6], [7], [8], [9]]);
    assert.deepEqual(stage.live, [conversationId]);
    assert.deepEqual([stage.written, marks], [[5], [5]]);
  });

  it('waits long for the first acknowledgement only, until the client acknowledges again', async () => {
    stage.pageSize = 1;
    stage.receipt = () => (stage.pages.length < 4 ? 'unacknowledged' : 'acknowledged');
    stage.sessions.begin(stage.socket);
    await until(() => stage.isDone);
    const { replayPageAck } = LIMITS;
    assert.deepEqual(
      stage.patience.map((patience) => patience === replayPageAck),
      [true, false, false, false, true],
    );
  });

  it('limits marks to what was sent while pages are not acknowledged', async () => {
    stage.pageSize = 2;
    const sent: (number | undefined)[] = [];
    stage.receipt = () => {
      sent.push(stage.replay.sentThrough(stage.socket.id, conversationId));
      return 'unacknowledged';
    };
    stage.sessions.begin(stage.socket);
    await until(() => stage.isDone);
    assert.deepEqual(sent, [6, 8, 9]);
    assert.deepEqual(stage.written, []);
  });

  it('ends when the connection ends before an acknowledgement', async () => {
    stage.pageSize = 2;
    stage.receipt = () => 'disconnected';
    stage.sessions.begin(stage.socket);
    await until(() => stage.pages.length > 0);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([stage.sent, stage.live, stage.isDone], [[[5, 6]], [], false]);
  });

  it('waits for writes of cursors in progress when it stops', async () => {
    const writing = deferred();
    stage.write = () => writing.promise;
    stage.sessions.begin(stage.socket);
    await until(() => stage.isDone);
    let isStopped = false;
    const stopping = stage.replay.stop().then(() => (isStopped = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isStopped, false);
    writing.resolve();
    await stopping;
    assert.deepEqual(stage.written, [TAIL]);
  });

  it('writes what was acknowledged when it stops before its last page', async () => {
    stage.pageSize = 2;
    const never = new Promise<PageReceipt>(() => undefined);
    stage.receipt = () => (stage.pages.length < 2 ? 'acknowledged' : never);
    stage.sessions.begin(stage.socket);
    await until(() => stage.pages.length === 2);
    await stage.replay.stop();
    assert.deepEqual(stage.written, [6]);
    assert.deepEqual(stage.sent, [
      [5, 6],
      [7, 8],
    ]);
  });

  it('ends when its socket disconnects while the database does not respond', async () => {
    stage.failing.memberships = Infinity;
    stage.sessions.begin(stage.socket);
    await new Promise((resolve) => setImmediate(resolve));
    stage.socket.connected = false;
    stage.sessions.end(stage.socket);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(stage.sent, []);
  });
});
