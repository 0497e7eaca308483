import type { Browser, BrowserContext, Page } from 'playwright-core';

import { ENTER_AS_TYPED } from '../bidi/launch-firefox.ts';
import { PASSWORD, register, type Looking } from '../browser.ts';
import { Link } from '../links/link.ts';
import type { TestStack } from '../stack.ts';

/** How a person is cut off: the device has no network, or the connection is lost on the way. */
export type Outage = 'none' | 'device' | 'link';

/** Milliseconds within which a page does what a person asks, even on an overloaded machine. */
export const PATIENCE = 120_000;

/** Errors that a browser may report while the network is down or right after that. */
const NETWORK = /Failed to load resource|WebSocket connection to|net::ERR_|ERR_CONNECTION/;

/** What Firefox says of a WebSocket that does not open; Playwright takes it for an error of the page. */
const WEBSOCKET = /^(The connection to ws:|.*establish a connection to the server at ws:)/;

/**
 * After an attempt that timed out, as on an overloaded machine, the client tries long polling. This server does not
 * allow it (400), or cannot answer now (503). The client then tries a WebSocket again.
 */
const POLLING = /\/socket\.io\/\?.*transport=polling/;

/**
 * Runs before the app in each page. It defines `__name`, in which the loader of TypeScript wraps every named function,
 * even in code that is evaluated in a page. It also records whether an element of the signed-in app has had the focus:
 * otherwise the focus cannot have been lost.
 */
const IN_EACH_PAGE = `
  globalThis.__name = (named) => named;
  addEventListener('focusin', () => {
    globalThis.shellWithFocus = document.querySelector('.shell');
  });
`;

/** One of the two people, in a browser of their own, behind a connection of their own. */
export class Person implements Looking {
  readonly name: string;
  readonly context: BrowserContext;
  readonly link: Link;
  readonly origin: string;
  /** Uncaught errors, console errors and reports of the content security policy. */
  readonly complaints: string[] = [];
  /** The text in the message field, by conversation. */
  readonly drafts = new Map<string, string>();
  /** Whether the open conversation may show an unread line, by page. */
  readonly lines = new Map<Page, boolean>();
  username = '';
  password = PASSWORD;
  userId = '';
  outage: Outage = 'none';
  /** Whether the network was cut since the last check that found everything in order. */
  wasCut = false;
  /** How many outages there have been, with the present one. */
  outages = 0;
  page!: Page;

  private constructor(name: string, context: BrowserContext, link: Link) {
    this.name = name;
    this.context = context;
    this.link = link;
    this.origin = `http://127.0.0.1:${String(link.port)}`;
    context.on('weberror', (error) => {
      const text = error.error().message;
      if (!WEBSOCKET.test(text)) this.complaints.push(`uncaught: ${text}`);
    });
    context.on('console', (message) => {
      if (message.type() !== 'error') return;
      const text = message.text();
      const { url } = message.location();
      if (/status of (400|503)/.test(text) && POLLING.test(url)) return;
      if (NETWORK.test(text) && !/status of 5|status of 4(?!01)/.test(text)) return;
      if (this.wasCut && NETWORK.test(text)) return;
      this.complaints.push(`console: ${text} ${url}`.trim());
    });
    context.on('request', (request) => {
      if (request.url().endsWith('/bff/csp-report')) {
        this.complaints.push(request.postData() ?? 'A report of the content security policy');
      }
    });
  }

  /** Registers a user in a window of their own. */
  static async enter(name: string, browser: Browser, parley: TestStack): Promise<Person> {
    const link = await Link.open({ target: Number(new URL(parley.origin).port) });
    const context = await browser.newContext({
      locale: 'en-GB',
      viewport: { width: 1280, height: 800 },
      // Firefox has no such permissions: its settings open the clipboard.
      ...(isFirefoxBrowser(browser) ? {} : { permissions: ['clipboard-read', 'clipboard-write'] }),
    });
    await context.addInitScript(IN_EACH_PAGE);
    if (isFirefoxBrowser(browser)) await context.addInitScript(ENTER_AS_TYPED);
    const person = new Person(name, context, link);
    await person.openPage('/');
    person.username = await register(person, name);
    person.userId = await person.page.evaluate(() => {
      return (JSON.parse(localStorage.getItem('parley:user') ?? '{}') as { id: string }).id;
    });
    return person;
  }

  get pages(): readonly Page[] {
    return this.context.pages();
  }

  get isOnline(): boolean {
    return this.outage === 'none';
  }

  /** Opens a tab and looks at it. */
  async openPage(path: string): Promise<void> {
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(PATIENCE);
    await this.page.goto(`${this.origin}${path}`);
  }

  async cut(outage: Exclude<Outage, 'none'>): Promise<void> {
    this.outage = outage;
    this.outages += 1;
    this.wasCut = true;
    if (outage === 'device') await this.context.setOffline(true);
    else this.link.break({ cut: true });
  }

  async heal(): Promise<void> {
    if (this.outage === 'device') await this.context.setOffline(false);
    this.link.heal();
    this.outage = 'none';
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.link.close();
  }
}

/** The conversation whose address a page has. */
export function openIn(page: Page): string | null {
  return /^\/c\/([^/]+)/.exec(new URL(page.url()).pathname)?.[1] ?? null;
}

/** Whether a page shows one pane at a time. */
export const isNarrow = (page: Page): boolean => (page.viewportSize()?.width ?? 1280) < 640;

const isFirefoxBrowser = (browser: Browser): boolean => browser.browserType().name() === 'firefox';

/** Whether a person uses Firefox. */
export function isFirefox({ context }: Person): boolean {
  const browser = context.browser();
  return browser !== null && isFirefoxBrowser(browser);
}
