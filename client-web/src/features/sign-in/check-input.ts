import { codePoints, LIMITS } from '@parley/common';

import { texts } from '../../texts/index.ts';

/** User-facing error texts by field; valid fields are absent. */
export interface SignInFaults {
  readonly username?: string;
  readonly password?: string;
  readonly displayName?: string;
}

const USERNAME = /^[a-z0-9][a-z0-9._-]{1,30}[a-z0-9]$/;

/** Validates the registration form before the server is asked. */
export function checkRegistration(username: string, password: string): SignInFaults {
  return {
    ...usernameFault(username),
    ...passwordFault(password),
  };
}

/** Validates the sign-in form: checks only that no field is empty. */
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

/** The error text for a new password, if it is invalid. */
export function passwordFault(password: string): SignInFaults {
  const long = codePoints(password.normalize('NFC')) >= LIMITS.passwordMin;
  return long ? {} : { password: texts.signIn.passwordShort(LIMITS.passwordMin) };
}
