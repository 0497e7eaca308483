import assert from 'node:assert/strict';

import { useApp } from '../support/app.ts';
import { findingsInBothThemes } from '../support/axe.ts';
import { messages, openFromList, say, sees, tick, type Someone } from '../support/browser.ts';

describe('two people who link', () => {
  const app = useApp();
  let ann: Someone;
  let ben: Someone;

  before(async () => {
    [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
  });

  const isFine = async ({ page }: Someone) => {
    assert.deepEqual(await findingsInBothThemes(page), []);
  };
  const openPartner = async ({ page }: Someone) => {
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Partner Link with one person' }).click();
    await page.getByRole('heading', { name: 'Partner', exact: true }).waitFor();
  };
  const enter = async ({ page }: Someone, code: string) => {
    await page.getByRole('textbox', { name: 'Your partner’s code' }).fill(code);
    await page.getByRole('button', { name: 'Link', exact: true }).click();
  };
  /** The card over the list. */
  const card = ({ page }: Someone, name: string, status = '') =>
    page
      .getByRole('region', { name: 'Partner' })
      .getByRole('button', { name: new RegExp(`${name} *, your partner: *${status}`) });
  /** A status where the partner is shown large. */
  const line = ({ page }: Someone, text: string | RegExp) =>
    page.locator('.partner-top .partner-line').filter({ hasText: text });

  it('find the way from a new conversation', async () => {
    await ann.page.getByRole('button', { name: 'New conversation' }).click();
    await ann.page.getByRole('button', { name: 'Link with your partner' }).click();
    await ann.page.getByRole('button', { name: 'Show my code' }).waitFor();
    await isFine(ann);
  });

  it('are told what is wrong with a code', async () => {
    await openPartner(ben);
    await enter(ben, 'abc');
    await ben.page.getByText('A code has eight letters and digits.').waitFor();
    await enter(ben, 'OIL0-1234');
    await ben.page.getByText('Codes have no 0, O, 1, I, L or U.').waitFor();
    await enter(ben, '2222-2222');
    await ben.page.getByText('This code is invalid or has expired.').waitFor();
    await isFine(ben);
  });

  it('become partners by a code, seen on both sides at once', async () => {
    await ann.page.getByRole('button', { name: 'Show my code' }).click();
    const shown = ann.page.locator('.code [aria-hidden]');
    const first = await shown.innerText();
    assert.match(first, /^[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$/);
    await ann.page
      .getByRole('timer')
      .filter({ hasText: /9:\d\d/ })
      .waitFor();
    await isFine(ann);

    await ann.page.getByRole('button', { name: 'New code' }).click();
    await shown.filter({ hasNotText: first }).waitFor();
    const code = await shown.innerText();
    await enter(ben, first);
    await ben.page.getByText('This code is invalid or has expired.').waitFor();
    await enter(ben, ` ${code.toLowerCase().replace('-', ' ')} `);

    await line(ben, 'Available').waitFor();
    await line(ann, 'Available').waitFor();
    await ann.page.getByText('You and Ben are linked').waitFor();
    await ann.page.getByText(/^Linked since/).waitFor();
    await isFine(ann);
  });

  it('see each other’s status live, with its end', async () => {
    await ann.page.getByRole('button', { name: 'Back' }).click();
    await card(ann, 'Ben', 'Available').waitFor();
    await ben.page.getByRole('radio', { name: 'Busy' }).click();
    await ben.page.getByRole('button', { name: '1 hour' }).click();
    await card(ann, 'Ben', 'Busy until').waitFor();
    await ben.page.getByText(/Your partner sees: Busy until/).waitFor();
    await isFine(ben);

    await ann.page.getByRole('button', { name: 'You: Available' }).click();
    await isFine(ann);
    await ann.page.getByRole('menuitem', { name: 'Offline until tonight' }).click();
    await line(ben, 'Offline until midnight').waitFor();
    await ann.page.getByRole('button', { name: 'You: Offline until midnight' }).waitFor();
    await isFine(ann);
  });

  it('cannot say that something ended before now', async () => {
    const { page } = ben;
    await page.getByRole('button', { name: 'Pick a time' }).click();
    await page.getByLabel('Until when').fill('2020-01-01T10:00');
    await page.getByRole('button', { name: 'Set', exact: true }).click();
    await page.getByText('Choose a time in the future.').waitFor();
    await isFine(ben);
  });

  it('are available again when the time is over, without anybody doing anything', async () => {
    await ben.page.evaluate(async (statusExpiration) => {
      const headers = { 'content-type': 'application/json', 'x-parley': '1' };
      const body = JSON.stringify({ status: 'OFFLINE', statusExpiration });
      await fetch('/bff/api/status', { method: 'PATCH', headers, body });
    }, Date.now() + 4_000);
    await card(ann, 'Ben', 'Offline until').waitFor();
    await card(ann, 'Ben', 'Available').waitFor();
    await ben.page.getByRole('radio', { name: 'Available', checked: true }).waitFor();
  });

  it('know after a reload how things stand, and in the conversation', async () => {
    await ann.page.reload();
    await card(ann, 'Ben', 'Available').click();
    await ann.page.getByRole('button', { name: 'Message', exact: true }).click();
    await say(ann, 'Hello partner');
    const head = ann.page.getByRole('banner').or(ann.page.locator('.conversation-head'));
    await head.getByText('Available').waitFor();
    await isFine(ann);
  });

  it('have the same mark in the card and in the list', async () => {
    const row = ann.page.locator('.row', { hasText: 'Ben' });
    const marks = () =>
      Promise.all(
        [row, ann.page.locator('.partner-card .partner-open')].map((place) =>
          place.locator('.status-mark').evaluateAll((all) => all.map((mark) => mark.outerHTML)),
        ),
      );
    const [inList, inCard] = await marks();
    assert.equal(inList!.length, 1);
    assert.deepEqual(inList!.map(shapeOf), inCard!.map(shapeOf));
    assert.equal(await row.locator('.avatar-online').count(), 0);
  });

  it('are said to be nothing else than what the mark says, wherever they stand', async () => {
    const { page } = ann;
    const choose = async (status: string) => {
      await ben.page.getByRole('radio', { name: status }).click();
      await ben.page.getByRole('button', { name: 'Until I change it' }).click();
    };
    await choose('Offline');
    await card(ann, 'Ben', 'Offline').waitFor();
    const row = page.locator('.row', { hasText: 'Ben' });
    const search = page.getByRole('searchbox', { name: 'Search conversations' });
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    await search.fill('ben');
    for (const place of [row, page.locator('.conversation-head'), page.locator('.details-top')]) {
      await place.filter({ hasText: 'Offline' }).waitFor();
      // Their page is open, so they are online for everybody else.
      assert.doesNotMatch(await place.innerText(), /Online/);
    }
    await search.fill('');
    await isFine(ann);
    await choose('Busy');
    for (const place of [row, page.locator('.conversation-head'), page.locator('.details-top')]) {
      await place.filter({ hasText: 'Busy' }).waitFor();
      assert.equal(await place.locator('.status-mark.status-busy').count(), 1);
    }
    await ben.page.getByRole('radio', { name: 'Available' }).click();
    await row.filter({ hasText: 'Available' }).waitFor();
    await page.getByRole('button', { name: 'Close details' }).click();
  });

  it('see what became of a message', async () => {
    await sees(ann, 'Hello partner');
    await tick(ann, 'Hello partner', 'Delivered').waitFor();
    await messages(ann, 'Hello partner').hover();
    await messages(ann, 'Hello partner').getByRole('button', { name: 'Message actions' }).click();
    await ann.page.getByRole('menuitem', { name: 'Message info' }).click();
    const info = ann.page.getByRole('dialog', { name: 'Message info' });
    await info.getByText(/^Sent /).waitFor();
    await info.getByText(/^Delivered at/).waitFor();
    await isFine(ann);
    // To the settings, from which the page was opened, and to the list.
    await ben.page.getByRole('button', { name: 'Back' }).click();
    await ben.page.getByRole('heading', { name: 'Settings' }).waitFor();
    await ben.page.getByRole('button', { name: 'Back' }).click();
    await openFromList(ben, 'Ann');
    await info.getByText(/^Read at/).waitFor();
    await ann.page.keyboard.press('Escape');
    await info.waitFor({ state: 'detached' });
  });

  it('end it with one’s word, for both', async () => {
    await card(ann, 'Ben').click();
    await ann.page.getByRole('button', { name: 'Unlink' }).click();
    await ann.page.getByRole('dialog', { name: 'Unlink from Ben?' }).waitFor();
    await isFine(ann);
    await ann.page.getByRole('dialog').getByRole('button', { name: 'Unlink', exact: true }).click();
    await ann.page.getByRole('button', { name: 'Show my code' }).waitFor();
    await ben.page.getByText('You and Ann are no longer linked').waitFor();
    await card(ben, 'Ann').waitFor({ state: 'detached' });
    await say(ben, 'Still here');
  });
});

/** What a mark looks like, whatever its size. */
const shapeOf = (mark: string) => mark.replace(/ (?:width|height)="\d+"/g, '');
