import * as contract from '@parley/common/contract';

/** The schemas of the contract that have a name in the documents, from the smallest to the largest. */
export const namedSchemas = {
  Id: contract.id,
  ClientId: contract.clientId,
  Time: contract.time,
  Seq: contract.seq,
  Cursor: contract.cursor,
  Text: contract.text,
  Title: contract.operations['conversation:update'].input.shape.title.unwrap(),
  Username: contract.username,
  DisplayName: contract.displayName,
  DeviceName: contract.deviceName,
  Password: contract.password,
  NewPassword: contract.newPassword,
  PublicProfile: contract.publicProfile,
  Privacy: contract.privacy,
  Notifications: contract.notifications,
  User: contract.user,
  Session: contract.session,
  SignedIn: contract.authOperations['auth:login'].output,
  ConversationKind: contract.conversationKind,
  MemberRole: contract.memberRole,
  Member: contract.member,
  Settings: contract.settings,
  Receipt: contract.receipt,
  Message: contract.message,
  ConversationItem: contract.conversationItem,
  Conversation: contract.conversation,
  Head: contract.head,
  Entry: contract.entry,
  MessageEntry: contract.messageEntry,
  DeletionEntry: contract.deletionEntry,
  MembersEntry: contract.membersEntry,
  TitleEntry: contract.titleEntry,
  Presence: contract.presence,
  ErrorCode: contract.events['session:closed'].shape.code,
} as const;

/** The name of a schema of the contract. */
export type NounName = keyof typeof namedSchemas;
