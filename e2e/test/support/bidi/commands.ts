/** The environment variable that names the Firefox which the relay starts. */
export const FIREFOX_VARIABLE = 'PARLEY_TEST_FIREFOX';

/**
 * Commands of WebDriver BiDi that Playwright sends to each page, that Firefox ESR does not have yet, and that change
 * nothing here: Playwright asks for the media features that Firefox has anyway.
 */
const WITHOUT_EFFECT = new Set(['emulation.setMediaFeaturesOverride']);

interface Command {
  readonly id: number;
  readonly method: string;
}

/** The answer of the relay to a command; `undefined` for a command that Firefox answers. */
export function answerOfRelay(message: string): string | undefined {
  const { id, method } = JSON.parse(message) as Command;
  if (!WITHOUT_EFFECT.has(method)) return undefined;
  return JSON.stringify({ type: 'success', id, result: {} });
}
