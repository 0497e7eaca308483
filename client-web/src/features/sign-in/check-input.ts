import { codePoints, LIMITS } from '@parley/common';

import { texts } from '../../texts/index.ts';

/** What is wrong with each field, in a person's words; fields without fault are absent. */
export interface SignInFaults {
  readonly username?: string;
  readonly password?: string;
  readonly displayName?: string;
}

const USERNAME = /^[a-z0-9][a-z0-9._-]{1,30}[a-z0-9]$/;

/** Checks what somebody typed to make an account, before the server is asked. */
export function checkRegistration(username: string, password: string): SignInFaults {
  return {
    ...usernameFault(username),
    ...passwordFault(password),
  };
}

/** Checks what somebody typed to sign in: only that nothing is missing. */
export function checkSignIn(username: string, password: string): SignInFaults {
  return {
    ...(username.trim() === '' ? { username: texts.signIn.required } : {}),
    ...(password === '' ? { password: texts.signIn.required } : {}),
  };
}

function usernameFault(username: string): SignInFaults {
  if (username.trim() === '') return { username: texts.signIn.required };
  const fits = USERNAME.test(username.trim().toLowerCase());
  return fits ? {} : { username: texts.signIn.usernameInvalid };
}

/** What is wrong with a password that somebody chooses. */
export function passwordFault(password: string): SignInFaults {
  const long = codePoints(password.normalize('NFC')) >= LIMITS.passwordMin;
  return long ? {} : { password: texts.signIn.passwordShort(LIMITS.passwordMin) };
}
