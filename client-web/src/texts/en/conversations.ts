import { isolated, names, plural } from './grammar.ts';

/** Texts about the connection. */
export const connection = {
  connecting: 'Connecting…',
  offline: 'You are offline. Messages are sent when you are back.',
  blocked:
    'Something on the way to Parley blocks its connection (WebSocket). Try another network, or ask your administrator.',
  unreachable: 'Parley cannot be reached. Trying again…',
  retryNow: 'Try now',
  losing:
    'This browser has no room to keep what you wrote. It is lost if you close this page before it is sent.',
};

/** Texts of the conversation list. */
export const list = {
  heading: 'Chats',
  region: 'Conversations',
  new: 'New conversation',
  settings: 'Settings',
  search: 'Search conversations',
  clearSearch: 'Clear search',
  archived: 'Archived',
  empty: 'No conversations yet',
  emptyHint: 'Find someone by name and say hello.',
  emptyAction: 'Start a conversation',
  nothingFound: 'Nothing found',
  nothingFoundHint: 'No conversation has this name. Look for a person instead.',
  findPeople: 'Find people',
  archivedEmpty: 'Nothing archived',
  archivedEmptyHint: 'Archive a conversation to keep it out of the way.',
  noMessages: 'No messages yet',
  deleted: 'Message deleted',
  you: (text: string) => isolated`You: ${text}`,
  from: (name: string, text: string) => isolated`${name}: ${text}`,
  draft: 'Draft',
  typing: 'typing…',
  someoneTyping: (name: string) => isolated`${name} is typing…`,
  unread: (count: number) =>
    count >= 100
      ? 'More than 99 unread messages'
      : plural(count, 'unread message', 'unread messages'),
  markedUnread: 'Marked as unread',
  pinned: 'Pinned',
  muted: 'Muted',
  online: 'Online',
  options: 'Conversation options',
  pin: 'Pin',
  unpin: 'Unpin',
  mutedUntil: (end: string) => `Muted ${end}`,
  mute: 'Mute',
  muteFor: 'Mute for…',
  muteDurations: {
    hour: '1 hour',
    eightHours: '8 hours',
    week: '1 week',
    forever: 'For ever',
  },
  unmute: 'Unmute',
  archive: 'Archive',
  unarchive: 'Move out of archive',
  markUnread: 'Mark as unread',
  markRead: 'Mark as read',
};

/** Texts of an open conversation, apart from its messages. */
export const conversation = {
  none: 'Select a conversation',
  noneHint: 'Or start a new one. Your messages are the same on all your devices.',
  missing: 'Conversation not found',
  missingHint: 'It may have been deleted, or you are no longer a member.',
  toList: 'Back to conversations',
  details: 'Details',
  closeDetails: 'Close details',
  online: 'online',
  lastSeen: (when: string) => `last seen ${when}`,
  members: (count: number) => plural(count, 'member', 'members'),
  log: (name: string) => isolated`Messages with ${name}`,
  isTyping: (who: readonly string[]) => `${names(who)} ${who.length === 1 ? 'is' : 'are'} typing…`,
  typing: 'typing…',
};

/** Texts of notifications and of the page title. */
export const alerts = {
  newMessage: 'New message',
  offer: 'Do you want to be notified of new messages when Parley is in the background?',
  offerAccept: 'Turn on',
  offerLater: 'Not now',
  titleBadge: (count: number, title: string) => isolated`(${count > 99 ? '99+' : count}) ${title}`,
};
