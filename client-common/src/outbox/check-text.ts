import { AppError, codePoints, isCleanText, isVisible, LIMITS, utf8Bytes } from '@parley/common';

/** The text as the server will store it. Throws `invalid_input` where the server would. */
export function checkText(text: string): string {
  const normal = text.normalize('NFC');
  if (!isVisible(normal)) throw refused('The message is blank');
  if (!isCleanText(normal)) throw refused('The message is not text');
  if (codePoints(normal) > LIMITS.textMax || utf8Bytes(normal) > LIMITS.textBytes) {
    throw refused('The message is too long');
  }
  return normal;
}

function refused(message: string): AppError {
  return new AppError('invalid_input', message, { issues: [{ path: 'text', message }] });
}
