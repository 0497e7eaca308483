/** Something the person who starts Parley can put right; the message is one line that says how. */
export class LaunchError extends Error {
  override readonly name: string = 'LaunchError';
}

/** A command line that cannot be understood; the message says what was meant and lists the options. */
export class UsageError extends LaunchError {
  override readonly name = 'UsageError';
}

const LONGEST = 400;

/** Text of any shape as one line of bearable length. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST);
}
