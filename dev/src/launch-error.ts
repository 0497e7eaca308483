/** Something the person who starts Parley can put right; the message is one line that says how. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
}

const LONGEST = 400;

/** Text of any shape as one line of bearable length. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST);
}
