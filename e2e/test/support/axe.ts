import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A rule that an element of the page breaks. */
interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe-core finds on the page as it is now, in words; with `rules`, of these rules alone. */
async function findings(page: Page, rules?: readonly string[]): Promise<string[]> {
  const violations = await page.evaluate(async (only) => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: Violation[] }> };
    };
    const runOnly = only === undefined ? {} : { runOnly: { type: 'rule', values: only } };
    const found = await axe.run({ resultTypes: ['violations'], ...runOnly });
    return found.violations;
  }, rules);
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${impact} ${id}: ${html} ${failureSummary}`),
  );
}

/** What axe-core finds on the page in the light theme and, where colours matter, in the dark one. */
export async function findingsInBothThemes(page: Page): Promise<string[]> {
  // By the debugger's way in, which the page's content security policy does not close.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(SOURCE);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  const dark = await findings(page, ['color-contrast', 'link-in-text-block']);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  return [...dark.map((finding) => `dark: ${finding}`), ...(await findings(page))];
}
