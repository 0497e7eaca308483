import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

import { useApp } from '../support/app.ts';
import { composer, messages, openFromList, rowOf, say, sees, signIn } from '../support/browser.ts';
import { jumpsWhileReading, longConversation, walkTo } from '../support/long-log.ts';
import { PlainClient, type Account } from '../support/plain-client.ts';
import { slowness, tasksDuring } from '../support/trace.ts';

const SIZE = 10_000;
const UNREAD = 1_000;
/** Rows that may be drawn at a time. */
const MOST_ROWS = 200;
/** Milliseconds of work that no frame may take while somebody scrolls, and an opening until it is painted. */
const LONGEST_TASK = 50;
const LONGEST_OPENING = 100;

/** From now on the page adds up how far things moved by themselves. */
function watchShifts(page: Page): Promise<void> {
  return page.evaluate(() => {
    Object.assign(globalThis, { shifted: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as {
        value: number;
        hadRecentInput: boolean;
      }[]) {
        const seen = globalThis as unknown as { shifted: number };
        if (!entry.hadRecentInput) seen.shifted += entry.value;
      }
    }).observe({ type: 'layout-shift' });
  });
}

const shifted = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { shifted: number }).shifted);

describe('a conversation of 10,000 messages', () => {
  const app = useApp({ env: { PARLEY_RATE_LIMITS: 'off' } });
  let page: Page;
  let conversationId: string;
  let ann: Account;
  let ben: Account;
  const jump = () => page.getByRole('button', { name: /Jump to newest/ });

  before(async function () {
    this.timeout(120_000);
    const conversation = await longConversation(app.origin, SIZE, UNREAD);
    conversationId = conversation.id;
    [ann, ben] = conversation.people;
    const opened = await app.open();
    ({ page } = opened);
    await signIn(opened, ben.username);
  });

  it('opens where reading goes on', async () => {
    await watchShifts(page);
    await openFromList({ page }, 'Ann');
    await page.getByRole('separator').filter({ visible: true }).waitFor();
    await sees({ page }, `${SIZE - UNREAD + 1}.`);
    assert.equal(await shifted(page), 0);
    await jump().click();
    await sees({ page }, `${SIZE}.`);
    await jump().waitFor({ state: 'detached' });
  });

  it('keeps the place of the reader while older pages load above', async () => {
    assert.ok((await jumpsWhileReading(page, 60)) <= 1);
    assert.equal(await shifted(page), 0);
  });

  it('keeps the place of the reader when a message comes, and says so', async () => {
    const sender = new PlainClient(app.origin, ann.token, { sync: 'heads' });
    await sender.until(() => sender.saw('ready'));
    const where = () => page.getByRole('log').evaluate((log) => log.scrollTop);
    const before = await where();
    const text = `${SIZE + 1}. one more`;
    await sender.request('message:send', { conversationId, clientId: 'more', text });
    sender.close();
    await page.getByRole('button', { name: '1 new. Jump to newest' }).waitFor();
    assert.equal(await where(), before);
    await jump().click();
    await sees({ page }, text);
    await jump().waitFor({ state: 'detached' });
  });

  it('shows everything in order on the way up and down, and draws what is seen', async () => {
    const up = await walkTo(page, 1);
    assert.deepEqual(up.faults, []);
    await page.getByText('This is the beginning of the conversation.').waitFor();
    const down = await walkTo(page, SIZE + 1);
    assert.deepEqual(down.faults, []);
    assert.ok(Math.max(up.rows, down.rows) < MOST_ROWS, `${up.rows}, ${down.rows} rows`);
    const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
    assert.ok(nodes < 20 * MOST_ROWS, `${nodes} nodes`);
  });

  it('scrolls without a long frame', async () => {
    const tasks = await tasksDuring(page, async () => {
      const log = (await page.getByRole('log').boundingBox())!;
      await page.mouse.move(log.x + log.width / 2, log.y + log.height / 2);
      for (let step = 0; step < 200; step += 1) {
        await page.mouse.wheel(0, step < 100 ? -800 : 800);
        await page.evaluate(() => new Promise(requestAnimationFrame));
      }
    });
    const longest = tasks.sort((one, other) => other - one).slice(0, 5);
    const bound = LONGEST_TASK * (await slowness(page));
    assert.ok(tasks.length > 200 && longest[0]! < bound, `${longest.join(', ')} of ${bound} ms`);
  });

  it('goes to the newest message from far away when one writes', async () => {
    await walkTo(page, SIZE - 500);
    await say({ page }, `${SIZE + 2}. written from above`);
    await sees({ page }, `${SIZE + 2}. written from above`);
    await jump().waitFor({ state: 'detached' });
  });

  it('opens again with little work', async () => {
    await page.goto(`${app.origin}/`);
    await openFromList({ page }, 'Ann');
    await page.goBack();
    await page.getByText('Select a conversation').waitFor();
    const tasks = await tasksDuring(page, () =>
      rowOf({ page }, 'Ann').evaluate(async (row: HTMLElement) => {
        row.click();
        while (document.querySelector('[role=article]') === null) {
          await new Promise(requestAnimationFrame);
        }
        await new Promise(requestAnimationFrame);
      }),
    );
    const work = tasks.reduce((sum, task) => sum + task, 0);
    const bound = LONGEST_OPENING * (await slowness(page));
    assert.ok(work > 0 && work < bound, `${work} of ${bound} ms`);
  });

  it('opens from the cache with nothing moving afterwards', async () => {
    await page.reload();
    await composer({ page }).waitFor();
    await watchShifts(page);
    await sees({ page }, `${SIZE + 2}.`);
    await messages({ page }, `${SIZE + 2}.`)
      .getByRole('img', { name: 'Delivered' })
      .or(messages({ page }, `${SIZE + 2}.`).getByRole('img', { name: 'Sent' }))
      .first()
      .waitFor();
    assert.equal(await shifted(page), 0);
  });
});
