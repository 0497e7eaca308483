import { attachmentOperations } from './attachments.ts';
import type { authOperations } from './auth.ts';
import { blockOperations } from './blocks.ts';
import { conversationOperations } from './conversations.ts';
import { deviceOperations } from './devices.ts';
import { engagementOperations } from './engagement.ts';
import { inspectionOperations } from './inspection.ts';
import { messageOperations } from './messages.ts';
import type { CallOf, InputOf, OutputOf } from './operation.ts';
import { partnerOperations } from './partners.ts';
import { presenceOperations } from './presence.ts';
import { receiptOperations } from './receipts.ts';

export { adminOperations, type AdminAccount, type AdminAccountDetails } from './admin.ts';
export * from './attachments.ts';
export * from './auth.ts';
export type { EngagementDay } from './engagement.ts';
export * from './events.ts';
export * from './handshake.ts';
export * from './operation.ts';
export * from './tags.ts';
export * from './version.ts';
export * from '../model/attachment.ts';
export * from '../model/block.ts';
export * from '../model/conversation.ts';
export * from '../model/device.ts';
export * from '../model/entry.ts';
export * from '../model/partner.ts';
export * from '../model/presence.ts';
export * from '../model/primitives.ts';
export * from '../model/user.ts';

/** Every operation of the messaging service, by name. */
export const operations = {
  ...conversationOperations,
  ...messageOperations,
  ...receiptOperations,
  ...partnerOperations,
  ...blockOperations,
  ...presenceOperations,
  ...attachmentOperations,
  ...deviceOperations,
  ...inspectionOperations,
  ...engagementOperations,
} as const;

export type Operations = typeof operations;
export type OperationName = keyof Operations;
/** What a handler of the operation receives: the validated input with its defaults. */
export type OperationInput<Name extends OperationName> = InputOf<Operations[Name]>;
/** What a caller of the operation sends. */
export type OperationCall<Name extends OperationName> = CallOf<Operations[Name]>;
export type OperationOutput<Name extends OperationName> = OutputOf<Operations[Name]>;

export type AuthOperations = typeof authOperations;
export type AuthOperationName = keyof AuthOperations;
