import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';

import { useApp } from '../support/app.ts';
import {
  composer,
  messages,
  openChat,
  openFromList,
  rowOf,
  say,
  sees,
  type Someone,
} from '../support/browser.ts';
import { poll } from '../support/poll.ts';
import { TRANSLATORS } from '../support/translators.ts';

for (const [how, script] of Object.entries(TRANSLATORS)) {
  describe(`a page that is translated all the time by what ${how}`, () => {
    const app = useApp({ env: { PARLEY_RATE_LIMITS: 'off' } });
    const errors: string[] = [];
    let ann: Someone;
    let ben: Someone;
    let cem: Someone;

    before(async () => {
      [ann, ben, cem] = await Promise.all([app.enter('Ann'), app.enter('Ben'), app.enter('Cem')]);
      ann.page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      await ann.page.evaluate(script);
      await openChat(ann, ben);
      await say(ann, 'Hello Ben');
      await openFromList(ben, 'Ann');
      await sees(ben, 'Hello Ben');
      await say(ben, 'Hello Ann');
      await sees(ann, 'Hello Ann');
      await openChat(cem, ann);
    });
    afterEach(() => assert.deepEqual(errors.splice(0), []));

    const button = (name: string) => ann.page.getByRole('button', { name, exact: true });
    const field = (name: string) => ann.page.getByRole('textbox', { name });
    /** Somebody types until Ann sees it: a signal may be dropped, and each one holds for some seconds only. */
    const types = (one: Someone, typing: Locator) =>
      poll(async () => {
        await composer(one).fill('typing!');
        await composer(one).fill('typing');
        return (await typing.count()) > 0 || undefined;
      });
    const choose = async (text: string, action: string) => {
      await messages(ann, text).first().hover();
      await messages(ann, text).first().getByRole('button', { name: 'Message actions' }).click();
      await ann.page.getByRole('menuitem', { name: action }).click();
    };

    it('shows in the list what is unread, typed and drafted', async () => {
      const unread = (text: string) =>
        rowOf(ann, 'Cem').getByText(text).waitFor({ state: 'attached' });
      await say(cem, 'One');
      await unread('1 unread message');
      await say(cem, 'Two');
      await unread('2 unread messages');
      await types(cem, rowOf(ann, 'Cem').getByText(/typing/));
      await say(cem, 'Three');
      await rowOf(ann, 'Cem').getByText('Three', { exact: true }).waitFor();
      assert.equal(
        await rowOf(ann, 'Cem')
          .getByText(/typing|Two/)
          .count(),
        0,
      );
      await composer(ann).fill('half a message');
      await openFromList(ann, 'Cem');
      await rowOf(ann, 'Ben')
        .getByText(/half a message/)
        .waitFor();
      await openFromList(ann, 'Ben');
      assert.equal(await composer(ann).inputValue(), 'half a message');
    });

    it('shows in the head of the conversation who is typing and online', async () => {
      const head = ann.page.getByRole('main').locator('header');
      await types(ben, head.getByText(/typing/));
      await say(ben, 'Typed');
      await sees(ann, 'Typed');
      await head
        .getByText(/online/i)
        .first()
        .waitFor();
      assert.equal(await head.getByText(/typing/).count(), 0);
      assert.equal(await composer(ann).inputValue(), 'half a message');
    });

    it('replies above the message field, gives it up, and deletes', async () => {
      await choose('Typed', 'Reply');
      await button('Cancel reply').click();
      await button('Cancel reply').waitFor({ state: 'detached' });
      await say(ann, 'Soon gone');
      await sees(ben, 'Soon gone');
      await choose('Soon gone', 'Delete for everyone');
      await button('Delete').click();
      await messages(ann, 'You deleted this message').waitFor();
      assert.equal(await messages(ann, 'Soon gone').count(), 0);
    });

    it('changes what the details say', async () => {
      await button('Details').click();
      const details = ann.page.getByRole('region', { name: 'Details' });
      await details.getByRole('button', { name: 'Mute for…' }).click();
      await ann.page.getByRole('menuitem', { name: '1 hour' }).click();
      await details.getByText(/^Muted until/).waitFor();
      await details.getByRole('button', { name: 'Unmute' }).click();
      await details.getByText(/^Muted until/).waitFor({ state: 'detached' });
      await button('Close details')
        .or(details.getByRole('button', { name: 'Close' }))
        .click();
    });

    it('keeps a form that is half filled while the rest of the page changes', async () => {
      await button('New conversation').click();
      await button('New group').click();
      await field('Group name').fill('A translated group');
      for (const one of [ben, cem]) {
        await ann.page.getByRole('searchbox', { name: 'Search people' }).fill(`@${one.username}`);
        await ann.page.getByRole('checkbox', { name: `@${one.username}` }).click();
        await button(`Remove ${one.name}`).waitFor();
      }
      await button('Remove Cem').click();
      await button('Remove Cem').waitFor({ state: 'detached' });
      await say(cem, 'Meanwhile');
      await ann.page.waitForFunction(() => document.title.startsWith('('));
      assert.equal(await field('Group name').inputValue(), 'A translated group');
      await button('Create group').click();
      await ann.page.getByText('You created the group').waitFor();
    });

    it('says in a dialog and in the settings what is wrong, and takes it back', async () => {
      await button('Settings').click();
      await ann.page.getByRole('button', { name: /^Password/ }).click();
      await field('Current password').fill('not the password');
      await field('New password').first().fill('short');
      await ann.page.keyboard.press('Enter');
      await ann.page
        .getByRole('alert')
        .or(ann.page.locator('[aria-invalid=true]'))
        .first()
        .waitFor();
      await button('Back').click();
      await ann.page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
      await ann.page.getByRole('heading', { name: 'Settings' }).waitFor();
    });
  });
}
