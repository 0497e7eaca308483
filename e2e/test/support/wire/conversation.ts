/* eslint-disable @typescript-eslint/no-explicit-any -- answers are read here as a program without our types reads them */
import { exchange, type WireRequest } from './http-exchange.ts';
import { Transcript } from './transcript.ts';
import { WireClient } from './wire-client.ts';

interface User {
  readonly id: string;
  readonly token: string;
}

const PASSWORD = 'a long enough secret';

/**
 * A conversation that uses every operation of conversations, messages, receipts, typing and presence, played by Ann on
 * a client that compares heads and by Ben on one that is replayed to, over sockets and over HTTP.
 */
export class RecordedConversation {
  readonly transcript = new Transcript();
  readonly #origin: string;
  readonly #clients: WireClient[] = [];

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Plays it from beginning to end. */
  async play(): Promise<void> {
    const { ann, ben, cid } = await this.#accounts();
    const [a, b] = await this.#connect(ann, ben);
    const direct = await this.#direct({ a, b, ann, ben });
    await this.#live({ a, b, ann, ben, direct });
    await this.#overHttp({ a, b, ann, direct });
    await this.#group({ a, b, ann, ben, cid });
    await this.#pages({ a, direct });
    await this.#refusals({ a, b, ben, cid, direct });
    await this.#httpRefusals(ann);
    await this.#replay({ a, b, ben, direct });
    await this.#logout(ann, a);
  }

  /** Closes what is open. */
  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  #http(request: WireRequest): Promise<any> {
    return exchange(this.#origin, this.transcript, request);
  }

  #open(name: string, auth: object): WireClient {
    const client = WireClient.connect(this.#origin, { name, transcript: this.transcript, auth });
    this.#clients.push(client);
    return client;
  }

  async #register(name: string): Promise<User> {
    const { sessionToken, user } = await this.#http({
      method: 'POST',
      path: '/auth/register',
      body: { username: name.toLowerCase(), password: PASSWORD, displayName: name },
    });
    this.transcript.name(user.id, name.toLowerCase());
    return { id: user.id, token: sessionToken };
  }

  async #accounts(): Promise<{ ann: User; ben: User; cid: User }> {
    this.transcript.begin('Ann, Ben and Cid register');
    const ann = await this.#register('Ann');
    const ben = await this.#register('Ben');
    const cid = await this.#register('Cid');
    this.transcript.begin('Accounts and profiles over HTTP');
    const { token } = ann;
    await this.#http({
      method: 'POST',
      path: '/auth/login',
      body: { username: 'ben', password: 'wrong' },
    });
    await this.#http({ path: '/me', token });
    await this.#http({ path: `/users/${ben.id}`, token });
    await this.#http({ path: '/users?username=ben', token });
    await this.#http({ path: '/auth/sessions', token });
    await this.#http({ path: '/meta' });
    return { ann, ben, cid };
  }

  async #connect(ann: User, ben: User): Promise<[WireClient, WireClient]> {
    this.transcript.begin('A token that means nothing is refused');
    const refused = this.#open('nobody', { token: 'x' });
    await refused.next('refused');
    await refused.close();
    this.transcript.begin('Ann connects and compares heads; Ben connects and is replayed to');
    const a = this.#open('ann', { token: ann.token, sync: 'heads', contract: 1 });
    await a.next('ready');
    await a.request('sync', {});
    const b = this.#open('ben', { token: ben.token });
    await b.next('ready', 'sync:done');
    return [a, b];
  }

  async #direct(cast: { a: WireClient; b: WireClient; ann: User; ben: User }): Promise<string> {
    const { a, b, ann, ben } = cast;
    this.transcript.begin('Ann opens a direct conversation with Ben');
    const { data } = await a.request('conversation:create', { kind: 'direct', userId: ben.id });
    const direct: string = data.id;
    this.transcript.name(direct, 'direct');
    await a.next('conversation', 'entry');
    await b.next('conversation', 'entry');
    this.transcript.begin('Ben asks for the same conversation and gets the same one');
    await b.request('conversation:create', { kind: 'direct', userId: ann.id });
    this.transcript.begin('Ann sends a message');
    const hello = await a.request('message:send', {
      ...{ conversationId: direct, clientId: 'a-1' },
      text: 'Hello Ben, grüß dich 👋\nsecond line',
    });
    await b.next('entry');
    this.transcript.begin('Ann repeats it and gets the stored entry');
    await a.request('message:send', {
      ...{ conversationId: direct, clientId: 'a-1' },
      text: 'Hello Ben, grüß dich 👋\nsecond line',
    });
    this.transcript.begin('Ben replies');
    await b.request('message:send', {
      ...{ conversationId: direct, clientId: 'b-1', replyTo: hello.data.id },
      text: 'Hello Ann',
    });
    await a.next('entry');
    this.transcript.begin('Ann sends a second message after the first, and deletes it');
    const slip = await a.request('message:send', {
      ...{ conversationId: direct, clientId: 'a-2', after: 'a-1' },
      text: 'a slip of the pen',
    });
    await b.next('entry');
    const deletion = { conversationId: direct, messageId: slip.data.id, clientId: 'a-3' };
    await a.request('message:delete', deletion);
    await b.next('entry');
    return direct;
  }

  async #live(cast: {
    a: WireClient;
    b: WireClient;
    ann: User;
    ben: User;
    direct: string;
  }): Promise<void> {
    const { a, b, ann, ben, direct } = cast;
    this.transcript.begin('Ben acknowledges what he got, and reads it');
    await b.request('receipt:delivered', { conversationId: direct, seq: 3 });
    await a.next('receipt');
    await b.next('receipt');
    await b.request('receipt:read', { conversationId: direct, seq: 5 });
    await a.next('receipt');
    await b.next('receipt');
    this.transcript.begin('Ann types and stops');
    await a.request('typing', { conversationId: direct, typing: true });
    await b.next('typing');
    await a.request('typing', { conversationId: direct, typing: false });
    await b.next('typing');
    this.transcript.begin('They watch each other');
    await a.request('presence:watch', { userIds: [ben.id] });
    await b.request('presence:watch', { userIds: [ann.id] });
    await b.request('presence:unwatch', { userIds: [ann.id] });
    this.transcript.begin('Ann pins the conversation and marks it as unread');
    await a.request('conversation:settings', {
      conversationId: direct,
      pinned: true,
      unread: true,
    });
    await a.next('conversation');
  }

  async #overHttp(cast: {
    a: WireClient;
    b: WireClient;
    ann: User;
    direct: string;
  }): Promise<void> {
    const { a, b, ann, direct } = cast;
    const { token } = ann;
    this.transcript.begin('Ann sends, deletes and reads over HTTP');
    const message = await this.#http({
      ...{ method: 'POST', path: `/conversations/${direct}/messages`, token },
      body: { clientId: 'h-1', text: 'over HTTP' },
    });
    await a.next('entry');
    await b.next('entry');
    await this.#http({
      ...{ method: 'DELETE', path: `/conversations/${direct}/messages/${message.id}`, token },
      body: { clientId: 'h-2' },
    });
    await a.next('entry');
    await b.next('entry');
    this.transcript.begin('Ann asks over HTTP where things stand');
    await this.#http({ path: `/conversations/${direct}`, token });
    await this.#http({ path: '/conversations?limit=1', token });
    await this.#http({ path: `/conversations/${direct}/entries?after=1&limit=2`, token });
    await this.#http({ path: `/conversations/${direct}/messages?limit=2`, token });
    await this.#http({ path: `/conversations/${direct}/members`, token });
    await this.#http({ method: 'POST', path: '/sync', token, body: {} });
  }

  async #group(cast: {
    a: WireClient;
    b: WireClient;
    ann: User;
    ben: User;
    cid: User;
  }): Promise<void> {
    const { a, b, ben, cid } = cast;
    this.transcript.begin('Ann makes a group with Ben');
    const { data } = await a.request('conversation:create', {
      ...{ kind: 'group', title: 'Team', userIds: [ben.id], clientId: 'g-1' },
    });
    const group: string = data.id;
    this.transcript.name(group, 'group');
    await a.next('conversation', 'entry');
    await b.next('conversation', 'entry');
    this.transcript.begin('Ann gives it another title');
    await a.request('conversation:update', {
      conversationId: group,
      title: 'Crew',
      clientId: 'g-2',
    });
    await a.next('entry');
    await b.next('entry');
    this.transcript.begin('Ben is made an admin and adds Cid');
    await a.request('member:role', {
      ...{ conversationId: group, userId: ben.id, role: 'admin', clientId: 'g-3' },
    });
    await a.next('entry');
    await b.next('entry');
    await b.request('member:add', { conversationId: group, userIds: [cid.id], clientId: 'g-4' });
    await a.next('entry');
    await b.next('entry');
    this.transcript.begin('Ben sends a message to the group, and reads it');
    await b.request('message:send', { conversationId: group, clientId: 'g-5', text: 'Hello all' });
    await a.next('entry');
    await b.request('receipt:read', { conversationId: group, seq: 5 });
    await a.next('receipt');
    await b.next('receipt');
    this.transcript.begin('Where the group stands');
    await a.request('conversation:get', { conversationId: group });
    await a.request('member:list', { conversationId: group, limit: 2 });
    await a.request('conversation:messages', { conversationId: group });
    this.transcript.begin('Ben removes Cid and is removed himself');
    await b.request('member:remove', { conversationId: group, userId: cid.id, clientId: 'g-6' });
    await a.next('entry');
    await b.next('entry');
    await a.request('member:remove', { conversationId: group, userId: ben.id, clientId: 'g-7' });
    await a.next('entry');
    await b.next('entry', 'conversation');
  }

  async #pages({ a, direct }: { a: WireClient; direct: string }): Promise<void> {
    this.transcript.begin('Pages of the log and of messages');
    await a.request('conversation:entries', { conversationId: direct, limit: 3 });
    await a.request('conversation:entries', { conversationId: direct, before: 4, limit: 2 });
    await a.request('conversation:messages', { conversationId: direct, after: 2, limit: 2 });
    await a.request('conversation:list', { limit: 1 });
    await a.request('conversation:list', {});
    await a.request('sync', { limit: 1 });
  }

  async #refusals(cast: {
    a: WireClient;
    b: WireClient;
    ben: User;
    cid: User;
    direct: string;
  }): Promise<void> {
    const { a, b, ben, cid, direct } = cast;
    const nowhere = '01890000-0000-7000-8000-000000000000';
    this.transcript.begin('Refusals over a socket');
    await a.request('no:such', {});
    await a.request('message:send', { conversationId: direct, clientId: 'r-1' });
    await a.request('message:send', {
      ...{ conversationId: direct, clientId: 'r 1', text: '', colour: 'red' },
    });
    await a.request('message:send', { conversationId: nowhere, clientId: 'r-1', text: 'x' });
    await a.request('message:send', { conversationId: direct, clientId: 'a-1', text: 'another' });
    await a.request('message:send', {
      ...{ conversationId: direct, clientId: 'r-2', after: 'never-sent', text: 'x' },
    });
    await b.request('member:add', { conversationId: direct, userIds: [cid.id] });
    await a.request('conversation:create', { kind: 'direct', userId: nowhere });
    await a.request('conversation:entries', { conversationId: direct, before: 2, after: 1 });
    await a.request('sync', 'no object');
    await a.request('member:remove', { conversationId: direct, userId: ben.id });
    this.transcript.begin('An operation without an acknowledgement is carried out unanswered');
    const input = { conversationId: direct, clientId: 'u-1', text: 'no answer wanted' };
    a.raw(`42${JSON.stringify(['message:send', input])}`);
    await b.next('entry');
  }

  async #httpRefusals({ token }: User): Promise<void> {
    this.transcript.begin('Refusals over HTTP');
    await this.#http({ path: '/conversations' });
    await this.#http({ path: '/conversations', token: 'x' });
    await this.#http({ path: '/conversations/nowhere', token });
    await this.#http({ path: '/no/such/path', token });
    await this.#http({ method: 'PUT', path: '/conversations', token, body: {} });
    const post = { method: 'POST', path: '/sync', token };
    await this.#http({ ...post, text: ['text/plain', 'x'] });
    await this.#http({ ...post, text: ['application/json', '{"limit":'] });
    await this.#http({ ...post, body: { limit: 0 } });
  }

  async #replay(cast: { a: WireClient; b: WireClient; ben: User; direct: string }): Promise<void> {
    const { a, b, ben, direct } = cast;
    this.transcript.begin('Ben is away while Ann writes, and is replayed what he missed');
    await b.close();
    for (const number of [1, 2, 3]) {
      await a.request('message:send', {
        ...{ conversationId: direct, clientId: `away-${number}`, text: `missed ${number}` },
      });
    }
    const back = this.#open('ben again', { token: ben.token });
    await back.next('ready', 'sync:page', 'sync:done');
    await a.next('receipt');
    await back.next('receipt');
  }

  async #logout({ token }: User, a: WireClient): Promise<void> {
    this.transcript.begin('Ann logs out, which closes her socket');
    await this.#http({ method: 'POST', path: '/auth/logout', token });
    await a.next('session:closed');
    await a.closed();
  }
}
