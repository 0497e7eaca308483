import assert from 'node:assert/strict';

import { useApp } from '../support/app.ts';

describe('the contract at /docs', () => {
  const app = useApp({ webApp: false });

  it('has a light and a dark form, styled under its own policy', async () => {
    const { page } = await app.open({ viewport: { width: 1280, height: 900 } });
    await page.goto(`${app.origin}/docs`);
    await page.getByRole('heading', { name: 'Parley', level: 1 }).waitFor();
    const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ colorScheme: 'light' });
    assert.equal(await colour(), 'rgb(255, 255, 255)');
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.equal(await colour(), 'rgb(18, 25, 27)');
  });

  it('leads from its contents to an operation, and from there to its nouns', async () => {
    const { page } = await app.open({ viewport: { width: 1280, height: 900 } });
    await page.goto(`${app.origin}/docs`);
    const contents = page.getByRole('navigation', { name: 'Contents' });
    await contents.getByRole('link', { name: 'message:send' }).click();
    const operation = page.getByRole('article', { name: 'message:send' });
    await operation.getByText('/api/conversations/{conversationId}/messages').waitFor();
    await operation.getByRole('link', { name: 'MessageEntry' }).click();
    assert.equal(new URL(page.url()).hash, '#noun-MessageEntry');
  });

  it('fits a narrow screen', async () => {
    const { page } = await app.open({ viewport: { width: 360, height: 700 } });
    await page.goto(`${app.origin}/docs`);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, 360);
  });
});
