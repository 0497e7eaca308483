import { dictionary } from '@zxcvbn-ts/language-common';
import { AppError, LIMITS } from '@parley/common';

/** Usernames that suggest an operator of the server, or that mean something else in paths. */
const RESERVED = new Set(
  `abuse account accounts admin administrator administrators admins all anonymous api auth bff billing bot
  channel contact deleted docs everybody everyone group guest healthz help here hostmaster info internal
  login logout mail meta metrics moderator moderators mods news nobody noreply no-reply null official
  operator owner parley parley.app parley-app parley-bot parley-support parley-team password postmaster
  privacy readyz register robot root sales security server service session sessions settings signin signup
  socket.io staff status superuser support sysadmin sysop system team test undefined unknown user users
  webmaster www you`.split(/\s+/),
);

/** The 17,950 most common passwords of at least eight characters; ASVS 5.0 §6.2.4 asks for 3,000. */
const COMMON: ReadonlySet<string> = new Set(
  dictionary.passwords.filter((password) => password.length >= LIMITS.passwordMin),
);

/** Characters that must be left of a password without the words that anybody would guess. */
const OWN_CHARACTERS = 5;

/** Whether a name (lower case) is reserved. */
export function isReserved(username: string): boolean {
  return RESERVED.has(username);
}

/**
 * Refuses passwords that are guessed first: the common ones, and those that are little more than the username or
 * this product's name (ASVS 5.0 §6.2.4, §6.2.11). There are no rules of composition.
 * @param field - the input's field, for the answer
 * @throws AppError `invalid_input`
 */
export function checkNewPassword(password: string, username: string, field: string): void {
  const folded = password.normalize('NFKC').toLowerCase();
  if (COMMON.has(folded)) throw refuse(field, 'This password is one of the most common ones');
  const rest = folded.replaceAll(username, '').replaceAll('parley', '');
  if (rest !== folded && Array.from(rest).length < OWN_CHARACTERS) {
    throw refuse(
      field,
      'This password is too close to your username or to the name of this service',
    );
  }
}

function refuse(path: string, message: string): AppError {
  return new AppError('invalid_input', message, { issues: [{ path, message }] });
}
