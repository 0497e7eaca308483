import { AppError } from './errors.ts';
import { CLIENT_LIMITS } from './client-limits.ts';
import { codePoints, isCleanText, isVisible, utf8Bytes } from './text/characters.ts';

/** The text of a message as the server stores it. Throws `invalid_input` where the server refuses it. */
export function toMessageText(text: string): string {
  const normal = text.normalize('NFC');
  if (!isVisible(normal)) throw refused('The message is blank');
  if (!isCleanText(normal)) throw refused('The message is not text');
  if (codePoints(normal) > CLIENT_LIMITS.textMax || utf8Bytes(normal) > CLIENT_LIMITS.textBytes) {
    throw refused('The message is too long');
  }
  return normal;
}

function refused(message: string): AppError {
  return new AppError('invalid_input', message, { issues: [{ path: 'text', message }] });
}
