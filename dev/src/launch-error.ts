/** Something the person who starts Parley can put right; the message is one line that says how. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
}
