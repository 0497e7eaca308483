import type { Attachment } from '../model/attachment.ts';
import type {
  Conversation,
  ConversationItem,
  Member,
  Receipt,
  Settings,
} from '../model/conversation.ts';
import type { Message, MessageEntry } from '../model/entry.ts';
import type { Partner, Status } from '../model/partner.ts';
import type { PublicProfile, Session, User } from '../model/user.ts';
import { DAY, HOUR, MINUTE } from '../time.ts';

// One story for all examples of the documents: Ann and Ben talk in the group "Lunch".
export const AT = 1_767_225_600_000;
/** The year 2100. What an example asks for must not lie in the past whenever it is read. */
export const MUTED_UNTIL = 4_102_444_800_000;
export const ANN = '019b76da-a800-7a11-8a11-00000000000a';
export const BEN = '019b76da-a800-7be0-8be0-00000000000b';
export const CLEO = '019b76da-a800-7c1e-8c1e-00000000000c';
export const GROUP = '019b76da-a800-7900-8900-000000000001';
export const SESSION = '019b76da-a800-75e5-85e5-000000000001';
export const OTHER_SESSION = '019b76da-a800-75e5-85e5-000000000002';
export const MESSAGE = '019b76da-a800-7e55-8e55-000000000003';
export const ANSWER = '019b76db-9260-7e55-8e55-000000000004';
export const DELETION = '019b76dc-7cc0-7de1-8de1-000000000005';
export const ATTACHMENT = '019b76db-9260-7a77-8a77-000000000006';
export const DEVICE = '019b76da-a800-7de7-8de7-000000000001';
export const CURSOR = 'MHwxNzY3MjI1NjAwMDAwfDAxOWI3NmRhLWE4MDAtNzkwMC04OTAwLTAwMDAwMDAwMDAwMQ';

export const ann: PublicProfile = {
  id: ANN,
  username: 'ann',
  displayName: 'Ann Archer',
  avatarId: null,
  deleted: false,
};

export const ben: PublicProfile = {
  id: BEN,
  username: 'ben',
  displayName: 'Ben',
  avatarId: null,
  deleted: false,
};

export const self: User = {
  ...ann,
  createdAt: AT,
  privacy: { readReceipts: true, lastSeen: true },
  notifications: { previews: true },
};

export const session: Session = {
  id: SESSION,
  deviceName: 'Laptop',
  createdAt: AT,
  lastSeenAt: AT,
  expiresAt: AT + 30 * DAY,
  current: true,
};

export const settings: Settings = {
  mutedUntil: null,
  archived: false,
  pinned: false,
  unread: false,
};

export const message: Message = {
  id: MESSAGE,
  conversationId: GROUP,
  seq: 2,
  senderId: BEN,
  clientId: 'b-1',
  at: AT + MINUTE,
  text: 'Lunch at one?',
  attachment: null,
  replyTo: null,
  editedAt: null,
  deletedAt: null,
  reactions: [],
  revision: 2,
};

export const messageEntry: MessageEntry = {
  id: ANSWER,
  conversationId: GROUP,
  seq: 3,
  kind: 'message',
  senderId: ANN,
  clientId: 'a-1',
  at: AT + 2 * MINUTE,
  text: 'See you there',
  attachment: null,
  replyTo: { messageId: MESSAGE, seq: 2 },
  deleted: false,
};

export const attachment: Attachment = {
  id: ATTACHMENT,
  conversationId: GROUP,
  ownerId: ANN,
  name: 'Menu.jpg',
  contentType: 'image/jpeg',
  size: 2_318_112,
  kind: 'image',
  state: 'ready',
  width: 3_024,
  height: 4_032,
  durationMs: null,
  thumbnail: true,
  createdAt: AT + MINUTE,
};

export const members: Member[] = [
  { userId: ANN, role: 'owner', joinedAt: AT, joinedSeq: 1, profile: ann },
  { userId: BEN, role: 'member', joinedAt: AT, joinedSeq: 1, profile: ben },
];

export const receipt: Receipt = { conversationId: GROUP, userId: ANN, deliveredSeq: 3, readSeq: 3 };

/** The group as its owner sees it in a list. */
export const groupItem: ConversationItem = {
  id: GROUP,
  kind: 'group',
  title: 'Lunch',
  avatarId: null,
  createdAt: AT,
  createdBy: ANN,
  memberCount: 2,
  lastSeq: 2,
  lastAt: AT + MINUTE,
  role: 'owner',
  joinedSeq: 1,
  deliveredSeq: 1,
  readSeq: 1,
  unreadCount: 1,
  settings,
  lastMessage: message,
  receipts: [
    { conversationId: GROUP, userId: ANN, deliveredSeq: 1, readSeq: 1 },
    { conversationId: GROUP, userId: BEN, deliveredSeq: 2, readSeq: 2 },
  ],
};

/** The group with its members. */
export const group: Conversation = { ...groupItem, members };

export const status: Status = {
  status: 'BUSY',
  statusExpiration: AT + HOUR,
  timestamp: AT + 3 * MINUTE,
};

export const partner: Partner = { ...ben, ...status, linkedAt: AT };
