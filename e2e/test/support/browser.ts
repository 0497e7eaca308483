import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Chromium as the system has it. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? CANDIDATES.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error('Install Chromium, or name it in CHROMIUM');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A person in front of a browser of their own. */
export interface Someone {
  readonly name: string;
  readonly username: string;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page complained about: uncaught errors and breaches of its content security policy. */
  readonly complaints: string[];
}

export const PASSWORD = 'a long enough secret';
let count = 0;

/** Opens a browser context and collects what its page complains about. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ context: BrowserContext; page: Page; complaints: string[] }> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) complaints.push(message.text());
  });
  await page.goto(origin);
  return { context, page, complaints };
}

/** Registers somebody through the app. */
export async function registerInApp(
  browser: Browser,
  origin: string,
  name: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Someone> {
  count += 1;
  const username = `${name.toLowerCase()}-${process.pid}-${count}`;
  const opened = await openPage(browser, origin, options);
  const { page } = opened;
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByRole('textbox', { name: 'Username' }).fill(username);
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill(PASSWORD);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await page.getByRole('button', { name: 'Create account', exact: true }).click();
  await page.getByRole('button', { name: 'New conversation' }).waitFor();
  return { name, username, ...opened };
}

/** Finds somebody by username and opens the conversation. */
export async function openChat({ page }: Someone, other: Someone): Promise<void> {
  await page.getByRole('button', { name: 'New conversation' }).click();
  await page.getByRole('searchbox', { name: 'Search people' }).fill(`@${other.username}`);
  await page.getByRole('button', { name: `@${other.username}` }).click();
  await page.getByRole('textbox', { name: 'Message' }).waitFor();
}

export async function say({ page }: Someone, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.getByRole('textbox', { name: 'Message' }).press('Enter');
}

/** Waits until a message stands in the open conversation. */
export async function sees({ page }: Pick<Someone, 'page'>, text: string): Promise<void> {
  await page.getByRole('article').filter({ hasText: text }).first().waitFor();
}

/** The texts of the messages that stand in the open conversation now, without their times. */
export function textsOf({ page }: Pick<Someone, 'page'>): Promise<string[]> {
  return page
    .getByRole('article')
    .locator('.bubble-text')
    .evaluateAll((bubbles) =>
      bubbles.map((bubble) =>
        [...bubble.childNodes]
          .filter((node) => !(node instanceof Element))
          .map((node) => node.textContent)
          .join(''),
      ),
    );
}
