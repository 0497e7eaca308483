import type { ErrorCode } from '@parley/common';

import { partner } from './partner.ts';

/** Error texts by code. `internal` is also used for codes without a text. */
export const errors: Partial<Record<ErrorCode, string>> & { internal: string } = {
  invalid_input: 'Some of the input is invalid. Check it and try again.',
  unauthenticated: 'You are signed out. Sign in again.',
  invalid_credentials: 'Username or password is wrong.',
  session_expired: 'Your session has ended. Sign in again.',
  forbidden: 'You are not allowed to do this.',
  blocked: 'You blocked this person. Unblock them first.',
  recipient_unavailable: 'This person cannot be reached.',
  account_suspended: 'This account is suspended.',
  not_found: 'This no longer exists, or you no longer have access to it.',
  conflict: 'Something changed in the meantime. Try again.',
  username_taken: 'This username is taken. Choose another one.',
  already_linked: 'One of you has a partner already.',
  reset_token_invalid:
    'This link no longer works. Ask the person who gave it to you for a new one.',
  link_code_invalid: partner.codeWrong,
  client_id_reused: 'This was already sent with different content. Send it as a new message.',
  limit_reached: 'You have reached a limit. Remove something first.',
  payload_too_large: 'This is too long. Shorten it and try again.',
  rate_limited: 'Too many requests. Wait a moment and try again.',
  quota_exceeded: 'You have reached your quota. Try again later.',
  unavailable: 'Parley cannot be reached right now. Check your connection and try again.',
  internal: 'Something went wrong on our side. Try again.',
};
