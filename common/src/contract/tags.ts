/** The groups that operations are listed under, each with what it is about. */
export const TAGS = {
  Server: 'What this server is and allows.',
  Accounts: 'Registration, login, logout and the password. HTTP only.',
  Sessions: 'The sessions of the caller: one per login. HTTP only.',
  Users: 'The profile of the caller, and public profiles of other users. HTTP only.',
  Administration:
    'What administrators of the server do with accounts, and see of the rest. HTTP only for accounts.',
  Conversations: 'Direct conversations and groups, and what each member sets for itself.',
  Members: 'The members of a conversation and their roles.',
  Messages: 'Sending, deleting and reading messages, and what became of them.',
  Receipts: 'How far a member has received and read a conversation.',
  Sync: 'Finding out what a client has missed.',
  Attachments: 'Files, which go straight to the object store and come straight from it.',
  Status: 'What a user says about itself: available, busy or offline.',
  Partner: 'The one user whom a user is linked with.',
  Blocks: 'Users whom the caller blocks.',
  Presence: 'Who is online and who is typing. Socket only.',
  Devices: 'Devices that receive push notifications, and whether the app is in the foreground.',
} as const satisfies Record<string, string>;

/** A group of operations; one without a description in {@link TAGS} does not compile. */
export type Tag = keyof typeof TAGS;
