import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

import { useApp } from '../support/app.ts';
import {
  closeRoad,
  composer,
  messages,
  openChat,
  openFromList,
  openRoad,
  PASSWORD,
  rowOf,
  say,
  sees,
  signIn,
  textsOf,
  tick,
  type OpenedPage,
  type Someone,
} from '../support/browser.ts';

const ENDED = 'You were signed out on this device. Sign in to continue.';

describe('somebody at several devices and tabs', () => {
  const app = useApp();
  let ann: Someone;
  let ben: Someone;

  before(async () => {
    [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    await openChat(ann, ben);
    await say(ann, 'Hello Ben');
    await openFromList(ben, 'Ann');
    await tick(ann, 'Hello Ben', 'Read').waitFor();
  });

  const secondDevice = async (): Promise<OpenedPage> => {
    const device = await app.open({ userAgent: 'Mozilla/5.0 (iPhone) Safari/605.1' });
    await signIn(device, ann.username);
    await openFromList(device, 'Ben');
    await sees(device, 'Hello Ben');
    return device;
  };
  const openSettings = async (page: Page, name: RegExp) => {
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name }).click();
  };
  const goHome = (page: Page) => page.goto(`${app.origin}/`);

  it('is told on a device that was signed out from another one', async () => {
    const device = await secondDevice();
    await openSettings(ann.page, /^Devices/);
    await ann.page.getByRole('button', { name: 'Sign out Safari on iPhone' }).click();
    await device.page.getByText(ENDED).waitFor();
    await device.page.getByRole('heading', { name: 'Sign in to Parley' }).waitFor();
    await ann.page.getByText('You are not signed in on any other device.').waitFor();
    assert.doesNotMatch((await keptIn(device.page)).join('\n'), /Ben/);

    await device.page.reload();
    await device.page.getByRole('heading', { name: 'Sign in to Parley' }).waitFor();
    await signIn(device, ann.username);
    await openFromList(device, 'Ben');
    await sees(device, 'Hello Ben');
    await device.context.close();
  });

  it('signs in, writes and stays signed in on a device that has no room left', async () => {
    const device = await app.open();
    await device.page.evaluate(FILL_STORAGE);
    await signIn(device, ann.username);
    await openFromList(device, 'Ben');
    await say(device, 'from a full device');
    await tick(device, 'from a full device', 'Read').waitFor();
    await device.page.reload();
    await sees(device, 'from a full device');
    await device.context.close();
  });

  it('is told on all other devices when the password changes', async () => {
    const device = await secondDevice();
    await goHome(ann.page);
    await openSettings(ann.page, /^Password/);
    await ann.page.getByRole('textbox', { name: 'Current password' }).fill(PASSWORD);
    await ann.page.getByRole('textbox', { name: 'New password', exact: true }).fill(PASSWORD);
    await ann.page.getByRole('button', { name: 'Change password' }).click();
    await ann.page.getByText('Password changed. Your other devices are signed out.').waitFor();
    await device.page.getByText(ENDED).waitFor();
    await device.context.close();
  });

  describe('who reads on one of them', () => {
    let device: OpenedPage;
    let url: string;
    const line = () => device.page.getByText('Unread messages', { exact: true });

    before(async () => {
      device = await secondDevice();
      url = device.page.url();
    });
    after(() => device.context.close());
    beforeEach(() => goHome(ann.page));

    it('sees no unread line on the other that was closed meanwhile', async () => {
      await device.page.goto('about:blank');
      await say(ben, 'read elsewhere');
      await openFromList(ann, 'Ben');
      await tick(ben, 'read elsewhere', 'Read').waitFor();
      await device.page.goto(url);
      await sees(device, 'read elsewhere');
      await line().waitFor({ state: 'detached' });
    });

    it('sees no unread line on the other that had the message before it was closed', async () => {
      await goHome(device.page);
      await say(ben, 'delivered to both');
      await rowOf(device, 'Ben').getByText('delivered to both').waitFor();
      await device.page.goto('about:blank');
      await openFromList(ann, 'Ben');
      await tick(ben, 'delivered to both', 'Read').waitFor();
      await device.page.goto(url);
      await sees(device, 'delivered to both');
      await line().waitFor({ state: 'detached' });
    });

    it('sees one above what was read on neither', async () => {
      await device.page.goto('about:blank');
      await say(ben, 'read on neither');
      await device.page.goto(url);
      await sees(device, 'read on neither');
      await line().waitFor();
      await tick(ben, 'read on neither', 'Read').waitFor();
      assert.equal(await line().count(), 1);
    });
  });

  it('signs out, leaving nothing on the device', async () => {
    const device = await secondDevice();
    await goHome(device.page);
    await openSettings(device.page, /^Sign out/);
    await device.page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
    await device.page.getByRole('heading', { name: 'Sign in to Parley' }).waitFor();
    assert.equal(await device.page.getByText(ENDED).count(), 0);
    assert.deepEqual(await keptIn(device.page), []);
    assert.deepEqual(await device.context.cookies(), []);
    await device.page.goBack();
    await device.page.getByRole('heading', { name: 'Sign in to Parley' }).waitFor();
    await device.context.close();
  });

  it('deletes the account with the password, and others keep what it sent', async () => {
    const cleo = await app.enter('Cleo');
    await openChat(cleo, ben);
    await say(cleo, 'Goodbye from Cleo');
    await openFromList(ben, 'Cleo');
    await sees(ben, 'Goodbye from Cleo');
    await goHome(cleo.page);
    await openSettings(cleo.page, /^Delete my account/);
    const password = cleo.page.getByRole('textbox', { name: 'Your password' });
    const confirm = cleo.page.getByRole('button', { name: 'Delete my account for good' });
    await password.fill('not the password');
    await confirm.click();
    await cleo.page.getByText('The password is wrong.').waitFor();
    await password.fill(PASSWORD);
    await confirm.click();
    await cleo.page.getByRole('heading', { name: 'Sign in to Parley' }).waitFor();
    assert.equal(await cleo.page.getByText(ENDED).count(), 0);
    assert.deepEqual(await keptIn(cleo.page), []);
    assert.deepEqual(await cleo.context.cookies(), []);

    await rowOf(ben, 'Deleted account').waitFor();
    await sees(ben, 'Goodbye from Cleo');
    await cleo.context.close();
    await openFromList(ben, 'Ann');
  });

  it('signs out in all tabs of a browser at once', async () => {
    const device = await secondDevice();
    const other = await device.context.newPage();
    await goHome(other);
    await rowOf({ page: other }, 'Ben').waitFor();
    await goHome(device.page);
    await openSettings(device.page, /^Sign out/);
    await device.page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
    await device.page.getByRole('heading', { name: 'Sign in to Parley' }).waitFor();
    await other.getByRole('heading', { name: 'Sign in to Parley' }).waitFor();
    await device.context.close();
  });

  it('sees what one tab sends once in the other, and what one reads read in both', async () => {
    await goHome(ann.page);
    await openFromList(ann, 'Ben');
    const second = await ann.context.newPage();
    await second.goto(ann.page.url());
    await sees({ page: second }, 'Hello Ben');
    for (let number = 1; number <= 5; number += 1) {
      await say(number % 2 === 0 ? ann : { page: second }, `from both tabs ${number}`);
      await sees(ann, `from both tabs ${number}`);
      await sees({ page: second }, `from both tabs ${number}`);
    }
    await tick(ann, 'from both tabs 5', 'Read').waitFor();
    await tick({ page: second }, 'from both tabs 5', 'Read').waitFor();
    const five = [1, 2, 3, 4, 5].map((number) => `from both tabs ${number}`);
    for (const page of [ann.page, second, ben.page]) {
      assert.deepEqual((await textsOf({ page })).slice(-5), five);
    }

    await Promise.all([goHome(ann.page), goHome(second)]);
    await say(ben, 'Did you see?');
    const unread = (page: Page) => rowOf({ page }, 'Ben').getByText('1 unread message');
    await Promise.all([unread(ann.page).waitFor(), unread(second).waitFor()]);
    await openFromList(ann, 'Ben');
    await unread(second).waitFor({ state: 'detached' });
    await tick(ben, 'Did you see?', 'Read').waitFor();
    await second.close();
  });

  it('goes back and forward through list, conversation, details and settings', async () => {
    const { page } = ann;
    const heading = page.getByRole('heading', { name: 'Ben', level: 2 });
    const details = page.getByRole('region', { name: 'Details' });
    const settings = page.getByRole('heading', { name: 'Settings' });
    await goHome(page);
    await openFromList(ann, 'Ben');
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    await details.waitFor();
    await page.getByRole('button', { name: 'Settings' }).click();
    await settings.waitFor();
    await page.goBack();
    await settings.waitFor({ state: 'detached' });
    await details.waitFor();
    await page.goBack();
    await details.waitFor({ state: 'detached' });
    await heading.waitFor();
    await page.goBack();
    await page.getByText('Select a conversation').waitFor();
    await page.goForward();
    await heading.waitFor();
    await sees(ann, 'Did you see?');
    await page.goForward();
    await details.waitFor();
    await page.reload();
    await details.waitFor();
    await heading.waitFor();
  });

  it('loses and doubles nothing when the page is reloaded while it sends', async () => {
    const { page } = ann;
    for (let number = 1; number <= 6; number += 1) {
      await say(ann, `before reload ${number}`);
      // Right after the key press, before anything can have come back.
      await page.reload();
      await composer(ann).waitFor();
    }
    for (let number = 1; number <= 6; number += 1) {
      await sees(ben, `before reload ${number}`);
      await tick(ann, `before reload ${number}`, 'Read').waitFor();
    }
    const expected = [1, 2, 3, 4, 5, 6].map((number) => `before reload ${number}`);
    for (const one of [ann, ben]) assert.deepEqual((await textsOf(one)).slice(-6), expected);
  });

  it('keeps what waits when the page is reloaded before it could send', async () => {
    const { page } = ann;
    await closeRoad(ann.context);
    await page.reload();
    await composer(ann).waitFor();
    await say(ann, 'waits through a reload 1');
    await say(ann, 'waits through a reload 2');
    await page.reload();
    await tick(ann, 'waits through a reload 2', 'Sending').waitFor();
    await composer(ann).fill('and a draft');
    await page.reload();
    await tick(ann, 'waits through a reload 1', 'Sending').waitFor();
    assert.equal(await composer(ann).inputValue(), 'and a draft');
    await openRoad(ann.context);
    await page.reload();
    await sees(ben, 'waits through a reload 2');
    assert.deepEqual((await textsOf(ben)).slice(-2), [
      'waits through a reload 1',
      'waits through a reload 2',
    ]);
    await tick(ann, 'waits through a reload 2', 'Read').waitFor();
    assert.equal(await messages(ann, 'waits through a reload').count(), 2);
  });

  it('finds in another tab what a closed tab could not send', async () => {
    await composer(ann).fill('');
    const second = await ann.context.newPage();
    await second.goto(ann.page.url());
    await sees({ page: second }, 'Hello Ben');
    await closeRoad(ann.context);
    await second.reload();
    await say({ page: second }, 'left behind by a tab');
    await tick({ page: second }, 'left behind by a tab', 'Sending').waitFor();
    await second.close();
    await openRoad(ann.context);
    await ann.page.reload();
    await sees(ben, 'left behind by a tab');
    await tick(ann, 'left behind by a tab', 'Read').waitFor();
    assert.equal(await messages(ben, 'left behind by a tab').count(), 1);
  });
});

/** A script that leaves no room in the storage of a page, not even for one character. */
const FILL_STORAGE = `
  for (let size = 1 << 20, count = 0; size >= 1; size >>= 1) {
    try {
      for (;;) localStorage.setItem('filler' + count++, 'x'.repeat(size));
    } catch {}
  }
`;

/** What the page keeps on this device. */
function keptIn(page: Page): Promise<string[]> {
  return page.evaluate(() => Object.entries(localStorage).map((entry) => entry.join(' ')));
}
