import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';

import { useApp } from '../support/app.ts';
import { messages, rowOf, say, sees, startChat, type Someone } from '../support/browser.ts';
import { drawn, pick, picture, pictures, send } from '../support/files.ts';

const WIDTHS = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
];

describe('what the app says in passing', function () {
  this.timeout(120_000);
  const app = useApp({ env: { PARLEY_RATE_LIMITS: 'off' } });
  let ann: Someone;
  let ben: Someone;

  before(async () => {
    [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    await ann.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await startChat(ann, ben);
    for (let number = 1; number <= 12; number += 1) await say(ben, `Line ${number}`);
    await say(ben, 'The last line');
    await sees(ann, 'The last line');
    await pick(ben, picture('shown.png', 400, 300));
    await send(ben);
    await drawn(ann, 0);
    await ann.page.clock.install();
  });

  const notice = () => ann.page.locator('.notice');

  /** Waits for the notice, which is whole on the screen and over nothing of `below`. Waits until it has gone. */
  async function passes(text: RegExp, below: Locator | undefined): Promise<void> {
    const { page } = ann;
    await notice().filter({ hasText: text }).waitFor();
    const said = (await notice().boundingBox())!;
    const { width, height } = page.viewportSize()!;
    assert.ok(said.x >= 0 && said.x + said.width <= width, JSON.stringify(said));
    assert.ok(said.y >= 0 && said.y + said.height <= height, JSON.stringify(said));
    for (const other of (await below?.all()) ?? []) {
      const at = await other.boundingBox();
      // What has scrolled out of sight is not covered.
      if (at === null || at.y + at.height <= 0) continue;
      const isApart =
        said.y + said.height <= at.y ||
        at.y + at.height <= said.y ||
        said.x + said.width <= at.x ||
        at.x + at.width <= said.x;
      assert.ok(isApart, `${JSON.stringify(said)} covers ${JSON.stringify(at)}`);
    }
    await page.clock.runFor(6_000);
    await notice().waitFor({ state: 'detached' });
  }

  for (const viewport of WIDTHS) {
    describe(`at a width of ${viewport.width}`, () => {
      before(async () => {
        await ann.page.setViewportSize(viewport);
        await ann.page.goto(app.origin);
        await rowOf(ann, 'Ben').click();
        await sees(ann, 'The last line');
      });

      it('covers no message of a conversation', async () => {
        await messages(ann, 'The last line').click({ button: 'right' });
        await ann.page.getByRole('menuitem', { name: 'Copy text' }).click();
        await passes(/^Copied/, messages(ann, /./).locator('.bubble'));
      });

      it('is seen over the viewer', async () => {
        const { page } = ann;
        await pictures(ann).first().click();
        const viewer = page.getByRole('dialog', { name: 'Image viewer' });
        await viewer.locator('img').waitFor();
        await page.route(/X-Amz-Signature/, (route) => route.fulfill({ status: 403 }));
        await viewer.getByRole('button', { name: 'Download' }).click();
        await notice().waitFor();
        assert.equal(
          await notice().evaluate((element) => element.matches(':popover-open')),
          true,
          'a modal dialog is in the top layer, and so must be what is said over it',
        );
        await passes(/./, viewer.locator('img'));
        await page.unroute(/X-Amz-Signature/);
        await page.keyboard.press('Escape');
        await viewer.waitFor({ state: 'detached' });
      });

      it('covers nothing of the partner page that somebody reads off', async () => {
        const { page } = ann;
        if (viewport.width < 700) await page.getByRole('button', { name: 'Back' }).click();
        await page.getByRole('button', { name: 'Settings' }).click();
        await page.getByRole('button', { name: /^Partner/ }).click();
        await page.getByRole('button', { name: 'Show my code' }).click();
        await page.getByRole('button', { name: 'Copy', exact: true }).click();
        await passes(/^Code copied/, page.locator('.code'));
      });
    });
  }
});
