import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { firefox, type Browser } from 'playwright-core';

import { firefoxPath } from '../firefox.ts';
import { FIREFOX_VARIABLE } from './commands.ts';

/** Milliseconds that a start of Firefox may take on a loaded machine. */
const LAUNCH_MS = 200_000;
/** What Firefox calls the capabilities of a mouse. */
const FINE_AND_HOVERING = 0x02 | 0x04;

/**
 * Runs before the scripts of a page. Playwright enters text by setting the value of a field, which React does not
 * notice; the command of the editor is what a keyboard does. Playwright writes its own function into the property.
 */
export const ENTER_AS_TYPED = `
  Object.defineProperty(globalThis, '__pw_bidiInsertText', {
    get: () => (text) => {
      document.execCommand('insertText', false, text);
      return null;
    },
    set: () => undefined,
  });
`;

/** Firefox as the system has it, with the interface of Playwright. */
export interface BidiFirefox {
  readonly browser: Browser;
  close(): Promise<void>;
}

/**
 * Starts Firefox for Playwright, which drives it by WebDriver BiDi. Playwright can start a program but not connect to a
 * Firefox that runs, so the program is a relay that starts Firefox. Throws if Firefox is not installed.
 */
export async function launchBidiFirefox(): Promise<BidiFirefox> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-bidi-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const program = join(folder, 'firefox');
    await writeFile(program, `#!/bin/sh\nexec ${startOfRelay()} "$@"\n`, { mode: 0o700 });
    const browser = await firefox.launch({
      channel: 'moz-firefox',
      executablePath: program,
      timeout: LAUNCH_MS,
      env: { ...process.env, [FIREFOX_VARIABLE]: firefoxPath() },
      firefoxUserPrefs: {
        // A page may read and write the clipboard without a prompt.
        'dom.events.testing.asyncClipboard': true,
        // Without a screen there is no pointer, and the app takes the device for a touchscreen.
        'ui.primaryPointerCapabilities': FINE_AND_HOVERING,
        'ui.allPointerCapabilities': FINE_AND_HOVERING,
      },
    });
    return {
      browser,
      async close() {
        await browser.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The command that starts the relay, for a shell. */
function startOfRelay(): string {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const relay = fileURLToPath(new URL('./relay-main.ts', import.meta.url));
  return [process.execPath, '--import', tsx, relay]
    .map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`)
    .join(' ');
}
