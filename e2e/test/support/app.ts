import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';

import {
  describePages,
  launchBrowser,
  openPage,
  register,
  type ContextOptions,
  type OpenedPage,
  type Someone,
} from './browser.ts';
import { testStack, type TestStack } from './stack.ts';

/** Parley with its web app, and a browser, for the tests of one `describe`. */
export interface App {
  readonly origin: string;
  readonly parley: TestStack;
  readonly browser: Browser;
  /** A browser of its own, signed out. */
  open(options?: ContextOptions): Promise<OpenedPage>;
  /** Somebody new, signed in, in a browser of their own. */
  enter(name: string, options?: ContextOptions): Promise<Someone>;
}

interface AppOptions extends NonNullable<Parameters<typeof testStack>[0]> {
  /** Whether the browser must be able to show notifications. */
  readonly notifications?: boolean;
}

/**
 * Starts and stops Parley and a browser around the tests of a `describe`, and fails each test in which
 * a page complained. Prints what the pages showed when a test failed. What it gives is there once the hooks have run.
 */
export function useApp(options: AppOptions = {}): App {
  let parley: TestStack | undefined;
  let browser: Browser | undefined;
  const opened: OpenedPage[] = [];

  before(async () => {
    // Read here: some are getters of what an earlier hook starts.
    const { notifications = false, ...stack } = options;
    [parley, browser] = await Promise.all([
      testStack({ webApp: true, ...stack }),
      launchBrowser({ complete: notifications }),
    ]);
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed' && browser !== undefined) {
      console.log(await describePages(browser));
    }
    assert.deepEqual(
      opened.flatMap(({ complaints }) => complaints),
      [],
    );
  });

  after(async () => {
    await browser?.close();
    await parley?.close();
  });

  const open = async (context?: ContextOptions): Promise<OpenedPage> => {
    const page = await openPage(browser!, parley!.origin, context);
    opened.push(page);
    return page;
  };
  return {
    get origin() {
      return parley!.origin;
    },
    get parley() {
      return parley!;
    },
    get browser() {
      return browser!;
    },
    open,
    async enter(name, context) {
      const page = await open(context);
      return { name, username: await register(page, name), ...page };
    },
  };
}
