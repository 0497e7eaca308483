import type { Page } from 'playwright-core';

import { useApp } from '../support/app.ts';

describe('somebody who leaves a form with Escape while it is being saved', () => {
  const app = useApp();
  let page: Page;
  let release: () => void;

  before(async () => {
    ({ page } = await app.enter('Ann'));
    await page.route('**/bff/api/me', async (route) => {
      await new Promise<void>((resolve) => (release = resolve));
      await route.continue();
    });
  });

  it('leaves it once it is saved, and the question ends', async () => {
    await page.goto(`${app.origin}/?panel=profile`);
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Ann Lee');
    const asked = page.waitForRequest('**/bff/api/me');
    await page.keyboard.press('Enter');
    await asked;
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor();
    release();
    await page.waitForURL((url) => !url.searchParams.has('panel'));
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByText('Saved', { exact: true }).first().waitFor();
  });
});
