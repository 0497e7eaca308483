import { createHmac } from 'node:crypto';

/** What a `mongod` asks its clients for. */
export interface MongodKey {
  /** The key file, which only this user can read: by it the members of a set know each other. */
  readonly path: string;
  /** Its content, in Base64. */
  readonly text: string;
}

/** A user of MongoDB. */
export interface MongodUser {
  readonly username: string;
  readonly password: string;
  readonly authSource: string;
}

/**
 * The user that every `mongod` with a key file has, without a document in the database. So data that were written without
 * users can be opened as well, and nobody has to be let in without a password in order to create the first user.
 */
export function systemUser({ text }: MongodKey): MongodUser {
  return { username: '__system', password: text, authSource: 'local' };
}

/** The user for the services. Its password follows from the key, so one file holds all. */
export function serviceUser({ text }: MongodKey): MongodUser {
  const password = createHmac('sha256', text).update('services').digest('base64url');
  return { username: 'parley', password, authSource: 'admin' };
}
