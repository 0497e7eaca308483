import { CLIENT_ID_PATTERN, LIMITS } from '@parley/common';

import type { NounName } from '../named-schemas.ts';
import type { Schema } from '../schema.ts';
import { deviceNouns } from './device-nouns.ts';

/** What a reader is told of a noun. */
export interface NounNotes {
  readonly description: string;
  /** By field, where the name and type do not say all. */
  readonly fields?: Readonly<Record<string, string>>;
  /** What JSON Schema can say and the code says in another way. */
  readonly shape?: Partial<Schema>;
}

const POSITIONS = {
  joinedSeq:
    'The entry with which the member joined; nothing before it is ever shown to the member.',
  deliveredSeq: 'Every entry up to here has reached a device of the member.',
  readSeq: 'The member has read everything up to here.',
};

const ENTRY = {
  seq: 'The place in the log: from 1, without holes.',
  senderId: 'Who did it.',
  clientId: "The sender's key of the request; one of the server where the sender gave none.",
};

const ITEM = {
  title: '`null` in a direct conversation.',
  avatarId: 'Always `null`.',
  lastSeq: '`seq` of the newest entry.',
  lastAt: 'When something was last said or done in it; the list is sorted by it.',
  role: 'The own role; `null` in a direct conversation.',
  ...POSITIONS,
  unreadCount: `Messages of others after \`readSeq\` that are not deleted, counted to ${LIMITS.unreadCountMax}.`,
  peer: 'The other person of a direct conversation; absent in a group.',
  lastMessage: '`null` where there is none since the own join.',
  receipts: `How far all members are; absent above ${LIMITS.receiptsInConversation} members.`,
};

const STATUS = {
  statusExpiration: '`null`: it stays until it is changed.',
  timestamp:
    'The revision of the person: 0 if nothing ever changed, and it strictly increases with every change of status, every link and every end of one.',
};

const PROFILE = {
  username: '`null` where the account is gone.',
  displayName: '`null` where none was given.',
  avatarId: 'Always `null`.',
  deleted: 'Whether the account is gone; then everything but the id is `null`.',
};

/** Every noun of the contract, for readers. Lengths of text are code points. */
export const nounNotes: Readonly<Record<NounName, NounNotes>> = {
  Id: { description: 'An id of Parley: a UUIDv7 in lower case.' },
  ClientId: {
    description: 'The key that a client gives a request, so that a repeat is known as one.',
    shape: { pattern: CLIENT_ID_PATTERN.source },
  },
  Time: {
    description: "Milliseconds since the epoch, by the server's clock.",
    shape: { format: 'int64' },
  },
  Seq: {
    description: "A position in a conversation's log; 0 stands for before the first entry.",
    shape: { format: 'int64' },
  },
  Cursor: { description: 'Where the next page begins: `nextCursor` of the page before.' },
  Text: {
    description: `Text of a message: 1 to ${LIMITS.textMax.toLocaleString('en')} characters and at most ${LIMITS.textBytes.toLocaleString('en')} bytes, not blank. It is NFC-normalised; control characters other than newline and tab are refused.`,
    shape: { minLength: 1, maxLength: LIMITS.textMax },
  },
  Title: {
    description: 'The title of a group: one line, not blank. It is NFC-normalised and trimmed.',
    shape: { minLength: 1, maxLength: LIMITS.titleMax },
  },
  Username: {
    description:
      'Letters a–z, digits, dot, underscore and hyphen, with a letter or digit at both ends. Upper case becomes lower case. Unique for ever.',
    shape: {
      minLength: LIMITS.usernameMin,
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{1,30}[A-Za-z0-9]$',
    },
  },
  DisplayName: {
    description:
      'How somebody is called: one line, not blank, without control and direction-override characters. It is NFC-normalised and trimmed, and not unique.',
    shape: { minLength: 1, maxLength: LIMITS.displayNameMax },
  },
  DeviceName: {
    description: 'What the person calls the device; shown in the list of own sessions.',
    shape: { minLength: 1, maxLength: LIMITS.deviceNameMax },
  },
  Password: {
    description: 'A password. It is NFC-normalised and otherwise untouched, never trimmed.',
    shape: { maxLength: LIMITS.passwordMax, format: 'password' },
  },
  NewPassword: {
    description: `A password that is chosen now: ${LIMITS.passwordMin} to ${LIMITS.passwordMax} characters, at most ${LIMITS.passwordBytes.toLocaleString('en')} bytes. Common ones, and those close to the username, are refused; there are no rules of composition.`,
    shape: {
      minLength: LIMITS.passwordMin,
      maxLength: LIMITS.passwordMax,
      format: 'password',
    },
  },
  PublicProfile: {
    description: 'What others see of a person.',
    fields: PROFILE,
  },
  Privacy: {
    description: 'What a person lets others see.',
    fields: {
      readReceipts: 'Off: others get `readSeq` 0 of this person.',
      lastSeen: 'Off: others see `online` false and `lastSeenAt` null.',
    },
  },
  Notifications: {
    description: 'What notifications show.',
    fields: { previews: 'Whether they may show the text of messages.' },
  },
  User: {
    description: 'A person as the person sees it.',
    fields: { ...PROFILE, username: 'The own one.', deleted: 'Always false.' },
  },
  Session: {
    description: 'A log-in of one device.',
    fields: {
      lastSeenAt: 'Written at most every five minutes.',
      expiresAt:
        'When it ends if it is not used: 30 days after its last use, and 180 days after it began at most.',
      current: 'Whether it is the session that asks.',
    },
  },
  SignedIn: {
    description: 'A session that has just begun.',
    fields: {
      sessionToken: 'The only time it is shown. Keep it secret; it never stands in a URL.',
    },
  },
  ConversationKind: { description: 'Between two people for ever, or in a group that changes.' },
  MemberRole: {
    description:
      '`owner` may do everything, and alone gives and takes roles; `admin` changes the title, adds and removes members, and deletes messages; `member` writes and may leave.',
  },
  Member: {
    description: 'Somebody who belongs to a conversation.',
    fields: {
      role: '`null` in a direct conversation, which has no roles.',
      joinedSeq: POSITIONS.joinedSeq,
    },
  },
  Settings: {
    description: 'What one member sets for itself.',
    fields: {
      mutedUntil: '`null`: not muted.',
      unread: 'A flag of the member; `receipt:read` clears it and `readSeq` never goes back.',
    },
  },
  Receipt: {
    description: 'How far one member is. Neither position ever goes back.',
    fields: {
      deliveredSeq: POSITIONS.deliveredSeq,
      readSeq: `${POSITIONS.readSeq} 0 where the member keeps reading private.`,
    },
  },
  AttachmentKind: {
    description:
      'How it can be shown: `image`, `video` and `audio` are of types that browsers show in place without harm; everything else is a `file`, to be downloaded.',
  },
  Attachment: {
    description: 'A file in a conversation.',
    fields: {
      name: 'What its sender calls it.',
      contentType: 'What its sender says it is, as far as its content bears it out.',
      size: 'Bytes.',
      state: '`pending` until it is checked, `failed` where it came to nothing.',
      width:
        'Pixels, upright. Read from the file where that can be done, else what the sender says.',
      height: 'The same.',
      durationMs: 'What the sender says.',
      thumbnail:
        'Whether a small picture of it can be had (`variant: thumbnail`). It may become true later.',
    },
  },
  Upload: {
    description:
      'How the bytes come to the store, which has an origin of its own. `single`: one request with this method and exactly these headers, to which the client adds the length. `multipart`: one PUT for each part, of exactly `partSize` bytes but for the last one; of each answer the `etag` is kept for `attachment:complete`. The URLs end at `expiresAt`; `attachment:resume` gives fresh ones.',
  },
  MediaType: {
    description:
      'A media type, in lower case and without parameters; what is sent otherwise is brought to this form.',
    shape: { maxLength: LIMITS.attachmentTypeMax },
  },
  FileName: {
    description:
      'The name of a file: one line without `/`, `\\\\`, control and direction-override characters, not blank. It is NFC-normalised.',
    shape: { minLength: 1, maxLength: LIMITS.attachmentNameBytes },
  },
  Message: {
    description: 'A message with everything that later entries did to it.',
    fields: {
      text: '`null` where there is only an attachment, and once it is deleted.',
      attachment: '`null` where there is none, and once it is deleted.',
      replyTo:
        'The message it answers. `senderId` and `preview` are `null` where that stands before the own join; `preview` also where it is deleted.',
      editedAt: 'Always `null`.',
      reactions: 'Always empty.',
      revision: '`seq` of the newest entry that changed it.',
    },
  },
  ConversationItem: {
    description: 'A conversation as one member sees it in its list.',
    fields: ITEM,
  },
  Conversation: {
    description: 'A conversation as one member sees it, with members.',
    fields: {
      ...ITEM,
      members: `The first ${LIMITS.membersInConversation} by user id; \`member:list\` has all.`,
    },
  },
  Head: {
    description:
      'Where a conversation stands, to be compared with what a client has: unknown, ask `conversation:get`; `lastSeq` above the own, ask `conversation:entries`; `version` changed, ask `conversation:get`. A conversation without a head is no longer one of the own.',
    fields: {
      lastSeq: '`seq` of the newest entry.',
      ...POSITIONS,
      version: '`seq` of the newest entry that changed the members or the title.',
    },
  },
  Entry: {
    description:
      'One thing that happened in a conversation. Clients pass over kinds that they do not know.',
  },
  MessageEntry: {
    description: 'Somebody said something.',
    fields: {
      ...ENTRY,
      text: '`null` where there is only an attachment, and once the message is deleted: the entry stays, its content is gone.',
      attachment: '`null` where there is none, and once it is deleted.',
      replyTo: 'The message it answers.',
      deleted: 'Whether it was deleted since.',
    },
  },
  DeletionEntry: {
    description: 'A message was deleted for everybody.',
    fields: { ...ENTRY, messageSeq: 'The place of the message in the log.' },
  },
  MembersEntry: {
    description: 'The members changed. Entry 1 of every conversation adds those it begins with.',
    fields: {
      ...ENTRY,
      action: '`left` is a person who removed itself.',
      userIds: 'Whom it concerns.',
      role: 'Of `added` and `role`: the role they now have; `null` otherwise, and in a direct conversation. The creator of a group owns it, whatever its entry 1 says.',
    },
  },
  TitleEntry: { description: 'The group has another title.', fields: ENTRY },
  Presence: {
    description: 'Whether a person is there.',
    fields: {
      online: '`null` while nobody can tell.',
      lastSeenAt: '`null` where the person does not show it or was never there.',
    },
  },
  ...deviceNouns,
  Block: {
    description: 'Somebody with whom a person wants nothing to do.',
    fields: { userId: 'Who is blocked.' },
  },
  StatusName: { description: 'What a person says of itself.' },
  Status: { description: 'The status of a person as it stands.', fields: STATUS },
  Partner: {
    description: 'The one person somebody is linked with.',
    fields: { ...PROFILE, ...STATUS },
  },
  PartnerEvent: {
    description:
      'What one hears of the partner. A client drops what is not later than what it knows of that person.',
  },
  ErrorCode: {
    description:
      'A stable word that says what went wrong. Callers branch on it, never on the text.',
  },
};
