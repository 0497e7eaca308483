import assert from 'node:assert/strict';
import type { MessageItem, Uploads } from '@parley/client-common';
import { createElement } from 'react';

import type * as FilesModule from '../src/features/attachments/outgoing-files.tsx';
import type * as RowModule from '../src/features/conversations/conversation-row.tsx';
import type * as SignInModule from '../src/features/sign-in/sign-in-page.tsx';
import type * as ContextModule from '../src/features/timeline/timeline-context.ts';
import type * as MessageModule from '../src/features/timeline/message-row.tsx';
import type * as AvatarModule from '../src/ui/avatar.tsx';
import { colourOf } from '../src/ui/identity.ts';
import type * as TicksModule from '../src/ui/ticks.tsx';
import { idOf, message, NOON, person, summary } from './support/builders.ts';
import { FakeClient } from './support/fake-client.ts';
import { PATIENCE, Renderer } from './support/render.ts';

const count = (html: string, part: string) => html.split(part).length - 1;

describe('components', function () {
  this.timeout(PATIENCE);
  let renderer: Renderer;
  const client = new FakeClient({ now: () => NOON, people: [person(2, 'Ada Lovelace')] });
  before(async () => {
    renderer = await Renderer.create();
  });
  after(() => renderer.close());

  async function drawMessage(item: MessageItem, group = false): Promise<string> {
    const { MessageRow } = await renderer.load<typeof MessageModule>(
      'features/timeline/message-row.tsx',
    );
    const { TimelineContext } = await renderer.load<typeof ContextModule>(
      'features/timeline/timeline-context.ts',
    );
    const actions: ContextModule.TimelineActions = {
      handle: client.conversation('x'),
      nameOf: () => 'Ada Lovelace',
      canDelete: () => true,
      askDelete: () => undefined,
      askInfo: () => undefined,
      reply: () => undefined,
      write: () => undefined,
      show: () => undefined,
    };
    const row = {
      kind: 'message' as const,
      key: item.key,
      item,
      first: true,
      last: true,
      stack: { before: false, after: false, column: 'whole' as const },
    };
    const drawn = createElement(MessageRow, {
      row,
      senderName: 'Ada Lovelace',
      group,
      active: false,
      flash: false,
    });
    return renderer.draw(createElement(TimelineContext, { value: actions }, drawn), client);
  }

  it('offers file attachments if the client can send them and the server accepts them', async () => {
    const { useOutgoingFiles } = await renderer.load<typeof FilesModule>(
      'features/attachments/outgoing-files.tsx',
    );
    const Probe = () => {
      const options = {
        conversationId: 'x',
        replyTo: null,
        onSent: () => undefined,
        onText: () => undefined,
        fieldRef: { current: null },
      };
      return createElement('p', null, useOutgoingFiles(options).offer === null ? 'none' : 'files');
    };
    const other = new FakeClient({ now: () => NOON });
    const offered = () => renderer.draw(createElement(Probe), other);
    assert.match(await offered(), /none/u);
    other.uploads = {} as Uploads;
    assert.match(await offered(), /files/u);
    other.self.set({ ...other.self.get()!, attachments: false });
    assert.match(await offered(), /none/u);
  });

  it('renders sign-in fields that password managers recognise', async () => {
    const { SignInPage } = await renderer.load<typeof SignInModule>(
      'features/sign-in/sign-in-page.tsx',
    );
    const html = await renderer.draw(createElement(SignInPage, { ended: true }), client);
    assert.match(html, /<h1>Sign in to Parley<\/h1>/u);
    assert.match(html, /autoComplete="username"/iu);
    assert.match(html, /autoComplete="current-password"/iu);
    assert.match(html, /role="status"[^>]*>You were signed out/u);
  });

  it('renders the text of a message as text, whatever it contains', async () => {
    const hostile = '<img src=x onerror=alert(1)><script>alert(2)</script>"\'';
    const html = await drawMessage(message(1, { text: hostile }));
    assert.equal(count(html, '<img'), 0);
    assert.equal(count(html, '<script'), 0);
    assert.ok(html.includes('&lt;img src=x onerror=alert(1)&gt;'));
  });

  it('lets the text determine its own direction', async () => {
    const html = await drawMessage(message(1, { text: 'مرحبا' }));
    assert.match(html, /class="bubble-text" dir="auto"/u);
  });

  it('opens links in a new tab without access to this page', async () => {
    const html = await drawMessage(message(1, { text: 'see https://a.example/x' }));
    assert.match(html, /<a href="https:\/\/a\.example\/x" target="_blank" rel="noopener/u);
  });

  it('shows who wrote and the delivery state of an own message as accessible names', async () => {
    const other = await drawMessage(message(1));
    assert.match(other, /role="article" aria-label="Ada Lovelace, /u);
    const own = message(1, { own: true, delivery: { state: 'delivered' } });
    const html = await drawMessage(own);
    assert.match(html, /role="article" aria-label="You, /u);
    assert.match(html, /role="img" aria-label="Delivered"/u);
  });

  it('shows names and avatars only in groups', async () => {
    assert.equal(count(await drawMessage(message(1), false), 'bubble-sender'), 0);
    assert.equal(count(await drawMessage(message(1), true), 'bubble-sender'), 1);
  });

  it('offers to retry a failed message and shows the reason', async () => {
    const failed = { state: 'failed', code: 'recipient_unavailable', message: 'raw' } as const;
    const html = await drawMessage(message(1, { own: true, delivery: failed }));
    assert.match(html, /This person cannot be reached\./u);
    assert.match(html, /Try again/u);
    assert.match(html, /aria-label="Not sent"/u);
    assert.doesNotMatch(html, /raw/u);
  });

  it('shows nothing of a deleted message', async () => {
    const html = await drawMessage(message(1, { text: null, deleted: true }));
    assert.match(html, /This message was deleted/u);
  });

  it('renders a text of only emoji large', async () => {
    assert.match(await drawMessage(message(1, { text: '🎉' })), /bubble-bare/u);
    assert.doesNotMatch(await drawMessage(message(1, { text: '🎉 yes' })), /bubble-bare/u);
  });

  it('distinguishes ticks by more than colour', async () => {
    const { Ticks } = await renderer.load<typeof TicksModule>('ui/ticks.tsx');
    const states = ['sending', 'sent', 'delivered', 'read', 'failed'] as const;
    const labels = await Promise.all(
      states.map(async (state) => {
        const html = await renderer.draw(createElement(Ticks, { state }), client);
        return /aria-label="([^"]+)"/u.exec(html)?.[1];
      }),
    );
    assert.deepEqual(labels, ['Sending', 'Sent', 'Delivered', 'Read', 'Not sent']);
  });

  it('gives groups glyphs that differ: the initials of their titles, with corners and a colour', async () => {
    const { Avatar } = await renderer.load<typeof AvatarModule>('ui/avatar.tsx');
    const glyphOf = async (id: string, name: string) => {
      const html = await renderer.draw(createElement(Avatar, { id, name, group: true }), client);
      assert.ok(html.includes(`avatar-${colourOf(id)} avatar-group`), html);
      return html.replaceAll(/<[^>]*>/g, '');
    };
    const titles = ['Weekend trip', 'Book club', 'Family', 'Работа и дом', '週末の旅', '🎉 Party'];
    const glyphs = await Promise.all(titles.map((title, index) => glyphOf(idOf(index), title)));
    assert.deepEqual(glyphs, ['WT', 'BC', 'F', 'РД', '週', 'P']);
  });

  it('renders a list row as a link with a complete accessible name', async () => {
    const { ConversationRow } = await renderer.load<typeof RowModule>(
      'features/conversations/conversation-row.tsx',
    );
    const info = summary(7, {
      unreadCount: 3,
      presence: { userId: 'x', online: true, lastSeenAt: null },
    });
    const row = createElement(ConversationRow, {
      info,
      selected: true,
      tabStop: true,
      today: NOON,
      onOpen: () => undefined,
    });
    const html = await renderer.draw(row, client);
    assert.match(
      html,
      new RegExp(`<a class="row-link" href="/c/${info.id}" aria-current="page"`, 'u'),
    );
    for (const part of ['Ada Lovelace', 'Online', '3 unread messages'])
      assert.ok(html.includes(part));
  });
});
