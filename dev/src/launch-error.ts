/** A problem that the user can fix; the message is one line that says how. */
export class LaunchError extends Error {
  override readonly name: string = 'LaunchError';
}

/** A mistake in the command line; the message says what was probably meant and lists the options. */
export class UsageError extends LaunchError {
  override readonly name = 'UsageError';
}

const LONGEST = 400;

/** A text as one line of at most 400 characters. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST);
}
