import assert from 'node:assert/strict';

import { useApp } from '../support/app.ts';

describe('the API reference at /docs', () => {
  const app = useApp({ webApp: false });

  it('runs under its own policy, and loads nothing from elsewhere', async () => {
    const { page } = await app.open({ viewport: { width: 1280, height: 900 } });
    const foreign: string[] = [];
    const violations: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(app.origin)) foreign.push(request.url());
    });
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) violations.push(message.text());
    });
    page.on('pageerror', (error) => violations.push(String(error)));
    await page.goto(`${app.origin}/docs`);
    await page.getByRole('heading', { name: 'Parley API', level: 1 }).waitFor();
    await page.getByRole('heading', { name: 'Authentication' }).first().waitFor();
    assert.deepEqual(foreign, []);
    assert.deepEqual(violations, []);
  });

  it('leads from its contents to an operation and to an event', async () => {
    const { page } = await app.open({ viewport: { width: 1280, height: 900 } });
    await page.goto(`${app.origin}/docs`);
    const contents = page.getByRole('navigation', { name: 'Sidebar' });
    await contents.getByRole('button', { name: 'Messages Open Group' }).click();
    await contents.getByRole('button', { name: 'Send a message and get the stored entry' }).click();
    await page.getByText('/api/conversations/{conversationId}/messages').first().waitFor();
    await contents.getByRole('button', { name: 'Open Introduction' }).click();
    await contents
      .getByRole('button', { name: 'Socket: events of the server', exact: true })
      .click();
    await page.getByRole('heading', { name: 'sync:page' }).waitFor();
  });

  it('fits a narrow screen', async () => {
    const { page } = await app.open({ viewport: { width: 360, height: 700 } });
    await page.goto(`${app.origin}/docs`);
    // Operations, whose headings are the widest, are rendered some time after the introduction.
    await page.getByText('Copy link').nth(30).waitFor({ state: 'attached' });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, 360);
  });
});
