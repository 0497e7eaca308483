import type { RunningService } from '@parley/backend-common';
import type { Overrides } from '@parley/messaging';
import type { Message, MessageEntry, Platform } from '@parley/common/contract';
import type { Socket } from 'socket.io-client';

import type { PushDocument } from '../../src/push/outbox/push-document.ts';
import type { Push } from '../../src/push/ports.ts';
import { call } from './connections.ts';
import { FakeSender } from './fake-sender.ts';
import { request } from './http.ts';
import type { Person } from './people.ts';
import { TestStack } from './stack.ts';
import { newId } from './test-log.ts';
import { until } from './until.ts';

/** Milliseconds in which a device may acknowledge; short enough for a test. */
export const ACKNOWLEDGE_WITHIN = 600;

/** A user with a device. */
export interface Owner extends Person {
  readonly pushToken: string;
}

/** Nodes whose pushes a test can observe. */
export class PushStage {
  readonly sender = new FakeSender();
  readonly stack: TestStack;
  node!: RunningService;

  private constructor(stack: TestStack) {
    this.stack = stack;
  }

  /** A stage with one node. */
  static async create(env: Record<string, string> = {}): Promise<PushStage> {
    const stage = new PushStage(await TestStack.create());
    stage.node = await stage.addNode(env);
    return stage;
  }

  addNode(env: Record<string, string> = {}, overrides: Overrides = {}): Promise<RunningService> {
    return this.stack.node(
      { PARLEY_RATE_LIMITS: 'off', PARLEY_PUSH_AFTER: String(ACKNOWLEDGE_WITHIN), ...env },
      { pushSender: this.sender, ...overrides },
    );
  }

  person(): Promise<Person> {
    return this.stack.people.create();
  }

  async owner(platform: Platform = 'android'): Promise<Owner> {
    return this.withDevice(await this.person(), platform);
  }

  /** Registers a device for a session. */
  async withDevice(person: Person, platform: Platform = 'android'): Promise<Owner> {
    const pushToken = `token:${newId()}`;
    await request(`${this.node.url}/devices/fcm-token`, {
      ...{ method: 'PUT', as: person },
      body: { token: pushToken, platform },
    });
    return { ...person, pushToken };
  }

  /** Opens a socket that acknowledges messages as an app does, with the app in the given state. */
  async open(
    person: Person,
    { acknowledges = true, state }: { acknowledges?: boolean; state?: string } = {},
  ): Promise<Socket> {
    const socket = await this.stack.connections.open(this.node.url, person);
    await call(socket, 'sync');
    if (state !== undefined) await call(socket, 'app:state', { state });
    socket.on('entry', ({ conversationId, seq }: Message) => {
      if (acknowledges) void call(socket, 'receipt:delivered', { conversationId, seq });
    });
    return socket;
  }

  /** Sends a message over HTTP, through the first node. */
  send(from: Person, conversationId: string, text = 'Hello'): Promise<MessageEntry> {
    return this.sendThrough(this.node, from, { conversationId, text });
  }

  /** Sends a message over HTTP, through a node. */
  async sendThrough(
    { url }: Pick<RunningService, 'url'>,
    from: Person,
    { conversationId, text }: { readonly conversationId: string; readonly text: string },
  ): Promise<MessageEntry> {
    const { body } = await request(`${url}/conversations/${conversationId}/messages`, {
      ...{ method: 'POST', as: from },
      body: { clientId: newId(), text },
    });
    return body as MessageEntry;
  }

  /** Waits for the first push to a device, or for the `count`-th. */
  async pushed({ pushToken }: Owner, count = 1): Promise<Push> {
    await until(() => this.sender.to(pushToken).length >= count);
    return this.sender.to(pushToken)[count - 1]!;
  }

  outbox(): Promise<PushDocument[]> {
    return this.stack.mongo.db.collection<PushDocument>('push_outbox').find().toArray();
  }

  /** Waits until nothing is due for a user in the outbox, and returns the document. */
  async settled(person: Person): Promise<PushDocument | undefined> {
    const find = async () => (await this.outbox()).find(({ userId }) => userId === person.userId);
    await until(async () => {
      const found = await find();
      return found !== undefined && found.dueAt === undefined;
    });
    return find();
  }

  /** Waits until no push is due, for any user. */
  async nothingDue(): Promise<void> {
    await until(async () => (await this.outbox()).every(({ dueAt }) => dueAt === undefined));
  }

  close(): Promise<void> {
    return this.stack.close();
  }
}
