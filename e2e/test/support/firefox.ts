import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser, type ElementHandle, type Page } from 'puppeteer-core';

import { PASSWORD } from './browser.ts';
import { poll } from './poll.ts';

const CANDIDATES = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];
/** Milliseconds that a start of Firefox may take on a loaded machine. */
const LAUNCH_MS = 200_000;
/** Milliseconds that a page may take for one thing. */
const PATIENCE_MS = 60_000;

/** Firefox as the system has it, driven by WebDriver BiDi. */
export interface Firefox {
  readonly browser: Browser;
  /** The folder into which it downloads. */
  readonly downloads: string;
  close(): Promise<void>;
}

/** The program that starts Firefox. Throws if it is not installed. */
export function firefoxPath(): string {
  const path = process.env['FIREFOX'] ?? CANDIDATES.find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error('Install Firefox, or name it in FIREFOX');
  return path;
}

/** Starts Firefox. Throws if it is not installed. */
export async function launchFirefox(): Promise<Firefox> {
  const executablePath = firefoxPath();
  const downloads = await mkdtemp(join(tmpdir(), 'parley-firefox-'));
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath,
    timeout: LAUNCH_MS,
    protocolTimeout: LAUNCH_MS,
    extraPrefsFirefox: {
      'browser.download.dir': downloads,
      'browser.download.folderList': 2,
      'browser.download.useDownloadDir': true,
      'intl.accept_languages': 'en-GB',
    },
  });
  return {
    browser,
    downloads,
    async close() {
      await browser.close();
      await rm(downloads, { recursive: true, force: true });
    },
  };
}

/**
 * Runs before the scripts of a page. `sockets` lists the WebSockets that it has opened. While `roadIsClosed` is set, no
 * handshake gets a ticket.
 */
const WATCH = `
  globalThis.sockets = [];
  globalThis.roadIsClosed = false;
  globalThis.WebSocket = new Proxy(WebSocket, {
    construct(target, given) {
      const socket = Reflect.construct(target, given);
      sockets.push(socket);
      return socket;
    },
  });
  const ask = globalThis.fetch;
  globalThis.fetch = (...given) =>
    roadIsClosed && String(given[0]?.url ?? given[0]).includes('/bff/ticket')
      ? Promise.reject(new TypeError('The road is closed'))
      : ask(...given);
`;

const SOCKETS = 'sockets.map(({ readyState }) => readyState === WebSocket.OPEN)';

/** The app in a page of Firefox, in a user context of its own. What it does waits up to a minute. */
export class FirefoxPage {
  readonly page: Page;
  /** Uncaught errors, and reports of breaches of the content security policy. */
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('request', (request) => {
      if (request.url().endsWith('/bff/csp-report')) this.complaints.push('CSP');
    });
  }

  static async open({ browser }: Firefox, origin: string): Promise<FirefoxPage> {
    const context = await browser.createBrowserContext();
    const opened = new FirefoxPage(await context.newPage());
    await opened.page.evaluateOnNewDocument(WATCH);
    await opened.page.goto(origin);
    return opened;
  }

  /** Registers a user in the sign-in form. Returns the username. */
  async register(name: string): Promise<string> {
    const username = `${name.toLowerCase()}-${process.pid}-firefox`;
    await this.press('Create an account');
    await this.fill('input[autocomplete=username]', username);
    await this.fill('input[type=password]', PASSWORD);
    await this.fill('input[autocomplete=name]', name);
    await this.press('Create account');
    await this.sees(buttonNamed('New conversation'));
    return username;
  }

  async signIn(username: string): Promise<void> {
    await this.fill('input[autocomplete=username]', username);
    await this.fill('input[type=password]', PASSWORD);
    await this.press('Sign in');
    await this.sees(buttonNamed('New conversation'));
  }

  /** Presses a button by its name. */
  async press(name: string): Promise<void> {
    await this.page.locator(buttonNamed(name)).click();
  }

  async fill(selector: string, value: string): Promise<void> {
    await this.page.locator(selector).fill(value);
  }

  /** Waits until something is there. */
  sees(selector: string): Promise<ElementHandle> {
    return poll(async () => (await this.page.$(selector)) ?? undefined, PATIENCE_MS);
  }

  /** Waits until a message stands in the open conversation. */
  async seesMessage(text: string): Promise<void> {
    await this.sees(messageWith(text));
  }

  /** Waits until a message has a tick: "Sent", "Delivered" or "Read". */
  async seesTick(text: string, name: string): Promise<void> {
    await this.sees(`${messageWith(text).slice(0, -1)}//*[@role="img" and @aria-label="${name}"])`);
  }

  /** How many messages contain a text. */
  async count(text: string): Promise<number> {
    return (await this.page.$$(messageWith(text))).length;
  }

  async say(text: string): Promise<void> {
    await this.fill('.composer-field', text);
    await this.page.keyboard.press('Enter');
  }

  /** What stands in the field for messages. */
  written(): Promise<string> {
    return this.page.$eval('.composer-field', (field) => (field as HTMLTextAreaElement).value);
  }

  /** Whether each WebSocket that the page has opened so far is open. */
  sockets(): Promise<boolean[]> {
    return this.page.evaluate(SOCKETS) as Promise<boolean[]>;
  }

  async closeRoad(): Promise<void> {
    await this.page.evaluate('void (roadIsClosed = true)');
  }

  /** Undoes `closeRoad`, and the device says that it has a network again. */
  async openRoad(): Promise<void> {
    await this.page.evaluate("roadIsClosed = false; void dispatchEvent(new Event('online'))");
  }

  /** Sends a file of this machine with a caption. */
  async sendFile(path: string, caption: string): Promise<void> {
    const input = await this.sees('.composer input[type=file]');
    await (input as ElementHandle<HTMLInputElement>).uploadFile(path);
    await this.fill('.caption-field', caption);
    await this.page.keyboard.press('Enter');
  }

  assertNoComplaints(): void {
    assert.deepEqual(this.complaints, []);
  }
}

/** A button whose label or text is this, without the characters that isolate names in it. */
const buttonNamed = (name: string) => {
  const plain = (value: string) => `normalize-space(translate(${value}, "\u2068\u2069", ""))`;
  return `::-p-xpath(//button[${plain('@aria-label')}="${name}" or ${plain('.')}="${name}"])`;
};

/** The messages that contain a text. */
export const messageWith = (text: string) =>
  `::-p-xpath(//*[@role="article"][contains(., "${text}")])`;
