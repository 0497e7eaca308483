import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

import { useApp } from '../support/app.ts';
import { openChat, say, sees, textsOf, type Someone } from '../support/browser.ts';

describe('two people in two browsers', () => {
  const app = useApp();
  let ann: Someone;
  let ben: Someone;

  before(async () => {
    [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
  });

  it('find each other and talk both ways', async () => {
    await openChat(ann, ben);
    await say(ann, 'Hello Ben');
    await ben.page.getByRole('link', { name: /Ann/ }).click();
    await sees(ben, 'Hello Ben');
    await say(ben, 'Hello Ann');
    await sees(ann, 'Hello Ann');
    // Strangers hide from each other; two who have both written are none.
    for (const { page } of [ann, ben]) await page.getByText('online', { exact: true }).waitFor();
  });

  it('see what was delivered and what was read', async () => {
    await say(ann, 'Did you get this?');
    const message = ann.page.getByRole('article').filter({ hasText: 'Did you get this?' });
    await message.getByRole('img', { name: 'Read' }).waitFor();
    await ben.page.goto(`${app.origin}/`);
    await say(ann, 'And this?');
    const next = ann.page.getByRole('article').filter({ hasText: 'And this?' });
    await next.getByRole('img', { name: 'Delivered' }).waitFor();
    await ben.page.getByRole('link', { name: /Ann/ }).click();
    await next.getByRole('img', { name: 'Read' }).waitFor();
  });

  it('see that the other one is writing', async () => {
    await ben.page
      .getByRole('textbox', { name: 'Message' })
      .pressSequentially('I am wri', { delay: 20 });
    await ann.page.getByText('typing…').first().waitFor();
    await ben.page.getByRole('textbox', { name: 'Message' }).fill('');
  });

  it('find everything in order after closing the browser and coming back', async () => {
    const { context, page, username } = ben;
    await page.close();
    for (let number = 1; number <= 30; number += 1) await say(ann, `while you were away ${number}`);
    const back = await context.newPage();
    await back.goto(app.origin);
    await back.getByRole('link', { name: /Ann/ }).click();
    await sees({ page: back }, 'while you were away 1');
    await back
      .getByRole('separator', { name: 'Unread messages' })
      .or(back.getByText('Unread messages'))
      .first()
      .waitFor();
    await back.getByRole('button', { name: /Jump to newest/ }).click();
    await sees({ page: back }, 'while you were away 30');
    const texts = (await textsOf({ page: back })).filter((text) =>
      text.startsWith('while you were away'),
    );
    const numbers = texts.map((text) => Number(text.slice('while you were away '.length)));
    assert.deepEqual(
      numbers,
      [...numbers].sort((one, other) => one - other),
    );
    assert.ok(numbers.length > 10);
    ben = { ...ben, page: back, username };
  });

  it('keep what is written while the network is away, and send it in order when it is back', async () => {
    await ann.context.setOffline(true);
    await say(ann, 'first in the tunnel');
    await say(ann, 'second in the tunnel');
    await ann.page
      .getByRole('article')
      .filter({ hasText: 'second in the tunnel' })
      .getByRole('img', { name: 'Sending' })
      .waitFor();
    await ann.context.setOffline(false);
    await sees(ben, 'second in the tunnel');
    const texts = (await textsOf(ben)).slice(-2);
    assert.deepEqual(texts, ['first in the tunnel', 'second in the tunnel']);
  });

  it('have no unread line above their own answer, in a tab that nobody looked at either', async () => {
    const tab = await ben.context.newPage();
    await tab.goto(app.origin);
    await tab.getByRole('link', { name: /Ann/ }).click();
    await sees({ page: tab }, 'second in the tunnel');
    const attention = (page: Page, has: boolean) =>
      page.evaluate((focused) => {
        document.hasFocus = () => focused;
        dispatchEvent(new Event(focused ? 'focus' : 'blur'));
      }, has);
    // Whatever one of the tabs reads is read in the other too.
    for (const page of [tab, ben.page]) await attention(page, false);
    await say(ann, 'Are you there?');
    await sees({ page: tab }, 'Are you there?');
    const line = tab.getByText('Unread messages');
    await line.waitFor();
    await sees(ben, 'Are you there?');
    await say(ben, 'Yes, in the other tab');
    await sees({ page: tab }, 'Yes, in the other tab');
    await line.waitFor({ state: 'detached' });
    for (const page of [tab, ben.page]) await attention(page, true);
    await say(ann, 'Good');
    await sees({ page: tab }, 'Good');
    assert.equal(await line.count(), 0);
    await tab.close();
  });

  it('stay signed in across a reload, at the same place', async () => {
    const url = ann.page.url();
    await ann.page.reload();
    await sees(ann, 'second in the tunnel');
    assert.equal(ann.page.url(), url);
  });
});
