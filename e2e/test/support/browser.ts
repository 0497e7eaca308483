import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const COMPLETE = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** Chromium without its windows and notifications. It takes a third less CPU time. */
const SHELL = '/usr/bin/chromium-headless-shell';

/** What Playwright switches off in Chromium. Only the last list of an argument counts, so it stands here again. */
const OFF_FOR_PLAYWRIGHT = [
  ...['AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose', 'HttpsUpgrades'],
  ...['HttpsFirstBalancedModeAutoEnable', 'LensOverlay', 'MediaRouter', 'PaintHolding'],
  ...['ThirdPartyStoragePartitioning', 'AvoidCorsURLLoaderRestartOnRedirect', 'OptimizationHints'],
  ...['NetworkTimeServiceQuerying', 'AimEnabled', 'PreconnectToSearch'],
];
/**
 * The address bar, which no test sees, is two pages of its own in each window. Their processes cost a second of a core for
 * each browser context.
 */
const ADDRESS_BAR = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'];

/** Chromium as the system has it. The complete one shows notifications; another one may do for everything else. */
export async function launchBrowser({ complete = false } = {}): Promise<Browser> {
  const candidates = complete ? COMPLETE : [SHELL, ...COMPLETE];
  const executablePath = process.env['CHROMIUM'] ?? candidates.find((path) => existsSync(path));
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
      `--disable-features=${[...OFF_FOR_PLAYWRIGHT, ...ADDRESS_BAR].join(',')}`,
    ],
  });
}

/** What a browser context is opened with. */
export type ContextOptions = NonNullable<Parameters<Browser['newContext']>[0]>;

/** A browser of its own, with one page in it. */
export interface OpenedPage {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What any page of it complained about: uncaught errors and breaches of its content security policy. */
  readonly complaints: string[];
}

/** A person in front of a browser of their own. */
export interface Someone extends OpenedPage {
  readonly name: string;
  readonly username: string;
}

/** Where a person is looking; most of what one does needs nothing else. */
export type Looking = Pick<Someone, 'page'>;

export const PASSWORD = 'a long enough secret';
let count = 0;

/** Opens a browser context and collects what its pages complain about. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: ContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const complaints: string[] = [];
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('console', (message) => {
    if (/content security policy/i.test(message.text())) complaints.push(message.text());
  });
  context.on('request', (request) => {
    if (request.url().endsWith('/bff/csp-report')) complaints.push(request.postData() ?? 'CSP');
  });
  const page = await context.newPage();
  await page.goto(origin);
  return { context, page, complaints };
}

/** Most characters of a page that {@link describePages} gives. */
const SHOWN = 3_000;

/** What all open pages show, as text, for the log of a test that failed. */
export async function describePages(browser: Browser): Promise<string> {
  const pages = browser.contexts().flatMap((context) => context.pages());
  const described = pages.map(async (page) => {
    const shown = await page
      .locator('body')
      .ariaSnapshot({ timeout: 2_000 })
      .catch((error: unknown) => String(error));
    return `${page.url()}\n${shown.slice(-SHOWN)}`;
  });
  return (await Promise.all(described)).join('\n\n');
}

/** Registers a user in a page that shows the sign-in form. Returns the username. */
export async function register({ page }: Looking, name: string): Promise<string> {
  count += 1;
  const username = `${name.toLowerCase()}-${process.pid}-${count}`;
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByRole('textbox', { name: 'Username' }).fill(username);
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill(PASSWORD);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await page.getByRole('button', { name: 'Create account', exact: true }).click();
  await page.getByRole('button', { name: 'New conversation' }).waitFor();
  return username;
}

/** Signs somebody in whose page shows the sign-in form. */
export async function signIn(
  { page }: Looking,
  username: string,
  password = PASSWORD,
): Promise<void> {
  await page.getByRole('textbox', { name: 'Username' }).fill(username);
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: 'New conversation' }).waitFor();
}

/** Finds somebody by username and opens the conversation. */
export async function openChat({ page }: Looking, other: Pick<Someone, 'username'>): Promise<void> {
  await page.getByRole('button', { name: 'New conversation' }).click();
  await page.getByRole('searchbox', { name: 'Search people' }).fill(`@${other.username}`);
  await page.getByRole('button', { name: `@${other.username}` }).click();
  await composer({ page }).waitFor();
}

/** Opens a conversation from the list, by the name it begins with. */
export async function openFromList({ page }: Looking, name: string): Promise<void> {
  await rowOf({ page }, name).click();
  await composer({ page }).waitFor();
}

/** Opens the conversation of Ann and Ben in both browsers. Ann sends "Hello Ben", and Ben sees it. */
export async function startChat(ann: Someone, ben: Someone): Promise<void> {
  await openChat(ann, ben);
  await say(ann, 'Hello Ben');
  await openFromList(ben, 'Ann');
  await sees(ben, 'Hello Ben');
}

/** Creates a group with one other member, from the list. */
export async function createGroup({ page }: Looking, title: string, other: Someone): Promise<void> {
  await page.getByRole('button', { name: 'New conversation' }).click();
  await page.getByRole('button', { name: 'New group' }).click();
  await page.getByRole('textbox', { name: 'Group name' }).fill(title);
  await page.getByRole('searchbox', { name: 'Search people' }).fill(`@${other.username}`);
  await page.getByRole('checkbox', { name: `@${other.username}` }).click();
  await page.getByRole('button', { name: 'Create group' }).click();
  await page.getByText('You created the group').waitFor();
}

/** The row of a conversation in the list. */
export const rowOf = ({ page }: Looking, name: string | RegExp) =>
  page.getByRole('navigation', { name: 'Conversations' }).getByRole('link', { name });

/** Where messages are written. */
export const composer = ({ page }: Looking) =>
  page.getByRole('textbox', { name: 'Message', exact: true });

/** The messages of the open conversation that contain a text. */
export const messages = ({ page }: Looking, text: string | RegExp) =>
  page.getByRole('article').filter({ hasText: text });

/** The tick of a message: "Sending", "Sent", "Delivered", "Read" or "Not sent". */
export const tick = (looking: Looking, text: string, name: string) =>
  messages(looking, text).getByRole('img', { name, exact: true });

export async function say(looking: Looking, text: string): Promise<void> {
  await composer(looking).fill(text);
  await composer(looking).press('Enter');
}

/** Waits until a message stands in the open conversation. */
export async function sees(looking: Looking, text: string): Promise<void> {
  await messages(looking, text).first().waitFor();
}

/** The texts of the messages that stand in the open conversation now, without their times. */
export function textsOf({ page }: Looking): Promise<string[]> {
  return page
    .getByRole('article')
    .locator('.bubble-text')
    .evaluateAll((bubbles) =>
      bubbles.map((bubble) =>
        [...(bubble.querySelector('.message-words')?.childNodes ?? [])]
          .filter((node) => !(node instanceof Element))
          .map((node) => node.textContent)
          .join(''),
      ),
    );
}

/** From now on no handshake of a browser gets a ticket: nothing can be sent, and pages still load. */
export async function closeRoad(context: BrowserContext): Promise<void> {
  await context.route('**/bff/ticket', (route) => route.abort());
}

/** Undoes `closeRoad`. */
export async function openRoad(context: BrowserContext): Promise<void> {
  await context.unroute('**/bff/ticket');
}
