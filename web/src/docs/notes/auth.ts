import { CONTRACT, type AuthOperations } from '@parley/common/contract';
import { LIMITS, REGISTRATIONS_PER_HOUR } from '@parley/common';

import { ann, ben, BEN, OTHER_SESSION, self, session } from './examples.ts';
import type { Notes } from './notes.ts';

const signedIn = {
  sessionToken: 'q1Yb0m7nC3Zk9sVd5xQpLr2TtWg8uEoHjNfAaBcDeFg',
  session,
  user: self,
};

const BY_ADDRESS = 'Log-ins and registrations of an address: 2 a second, burst 60.';

/** Notes on the operations of the auth service. */
export const authNotes: Notes<AuthOperations> = {
  'auth:register': {
    description:
      'Some names are reserved, and a name that anybody ever had is taken. `forbidden` where the server is closed to new people (`GET /api/meta` says so). A password that many people use, or that is little more than the username, is `invalid_input`.',
    errors: ['forbidden', 'username_taken'],
    limits: `${REGISTRATIONS_PER_HOUR} accounts an hour from one address. ${BY_ADDRESS}`,
    fields: { deviceName: 'What the new session is called.' },
    input: {
      username: 'ann',
      password: 'a long enough secret',
      displayName: 'Ann Archer',
      deviceName: 'Laptop',
    },
    output: signedIn,
  },
  'auth:login': {
    description: `An unknown name and a wrong password answer alike. Failed attempts are slowed per account and address, without ever locking the account for addresses that its owner uses. A person has at most ${LIMITS.sessionsPerUser} sessions: beyond it the one that was idle longest ends.`,
    errors: ['invalid_credentials'],
    limits: `Failed attempts by account and address, whatever else is switched off. ${BY_ADDRESS}`,
    fields: {
      username: 'Upper case becomes lower case.',
      deviceName: 'What the new session is called.',
    },
    input: { username: 'ann', password: 'a long enough secret', deviceName: 'Laptop' },
    output: signedIn,
  },
  'auth:logout': {
    description: 'The token is worth nothing from now on.',
    errors: [],
    input: {},
    output: {},
  },
  'session:list': {
    description: 'Those that have not ended, last used first.',
    errors: [],
    input: {},
    output: {
      sessions: [
        session,
        { ...session, id: OTHER_SESSION, deviceName: 'Telephone', current: false },
      ],
    },
  },
  'session:revoke': {
    description: 'Its sockets are closed on every node. Ending what has ended changes nothing.',
    errors: ['not_found'],
    fields: { id: 'The session.' },
    input: { id: OTHER_SESSION },
    output: {},
  },
  'session:revoke-others': {
    description: 'Their sockets are closed on every node.',
    errors: [],
    input: {},
    output: {},
  },
  'auth:password': {
    description:
      'The session that asks lives on. `conflict` may be tried again: the password was changed elsewhere at the same moment.',
    errors: ['invalid_credentials', 'conflict'],
    input: { currentPassword: 'a long enough secret', newPassword: 'an even longer secret' },
    output: {},
  },
  'me:get': { description: '', errors: [], input: {}, output: self },
  'me:update': {
    description: 'What is absent stays as it is.',
    errors: [],
    fields: { displayName: '`null` takes it away.' },
    input: { displayName: 'Ann Archer', privacy: { lastSeen: false } },
    output: { ...self, privacy: { readReceipts: true, lastSeen: false } },
  },
  'user:get': {
    description: '',
    errors: ['not_found'],
    fields: { id: 'The person.' },
    input: { id: BEN },
    output: ben,
  },
  'user:search': {
    description: `Give \`username\` or \`prefix\`, and not both. At most ${LIMITS.searchHits} people; nobody found is an empty list.`,
    errors: [],
    fields: {
      username: 'The exact name, in upper or lower case.',
      prefix: `How a username or a display name begins, ${LIMITS.searchPrefixMin} characters at least; those whose username fits come first. A leading \`@\` is passed over.`,
    },
    input: { prefix: 'an' },
    output: { users: [ann] },
  },
  'meta:get': {
    description:
      'Asked before a log-in, to see what the server allows and which revision of the contract it speaks.',
    errors: [],
    limits: 'None.',
    input: {},
    output: {
      contract: CONTRACT,
      registration: 'open',
      passwordMinLength: LIMITS.passwordMin,
      textMaxLength: LIMITS.textMax,
      attachmentMaxBytes: LIMITS.attachmentBytes,
    },
  },
};
