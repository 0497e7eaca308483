import { isolated, plural } from './grammar.ts';

/** Texts of the messages and events of a conversation. */
export const timeline = {
  today: 'Today',
  yesterday: 'Yesterday',
  unread: 'Unread messages',
  fresh: (count: number) => `${count > 99 ? '99+' : count} new`,
  jump: 'Jump to newest',
  loadingOlder: 'Loading older messages…',
  olderFailed: 'Older messages could not be loaded.',
  failed: 'Messages could not be loaded.',
  begin: 'This is the beginning of the conversation.',
  empty: (name: string) => isolated`Say hello to ${name}`,
  emptyGroup: 'The group is ready',
  emptyHint: 'Write the first message below.',
  deleted: 'This message was deleted',
  deletedOwn: 'You deleted this message',
  actions: 'Message actions',
  readMore: 'Read more',
  copy: 'Copy text',
  delete: 'Delete for everyone',
  deleteTitle: 'Delete this message?',
  deleteMessage: 'It will be deleted for everyone in this conversation. This cannot be undone.',
  deleteAction: 'Delete',
  discard: 'Discard',
  copied: 'Copied',
  reply: 'Reply',
  cancelSend: 'Cancel sending',
  tooLate: 'This message is already being sent.',
  quoted: 'Reply',
  quoteUnknown: 'Earlier message',
  replyGone: 'This message is no longer available.',
  sentAt: (when: string) => `Sent ${when}`,
  created: (who: string) => isolated`${who} created the group`,
  added: (who: string, whom: string) => isolated`${who} added ${whom}`,
  removed: (who: string, whom: string) => isolated`${who} removed ${whom}`,
  left: (who: string) => isolated`${who} left`,
  titled: (who: string, title: string) => isolated`${who} named the group “${title}”`,
  role: {
    owner: (who: string, whom: string) => isolated`${who} made ${whom} an owner`,
    admin: (who: string, whom: string) => isolated`${who} made ${whom} an admin`,
    member: (who: string, whom: string) => isolated`${who} made ${whom} a member`,
  },
  you: 'you',
  youStart: 'You',
};

/** Accessible names of the delivery states. */
export const ticks = {
  saving: 'Sending',
  sending: 'Sending',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Not sent',
};

/** Texts of the message input. */
export const composer = {
  message: 'Message',
  placeholder: 'Write a message',
  send: 'Send',
  replyingTo: (name: string) => isolated`Reply to ${name}`,
  cancelReply: 'Cancel reply',
  yourself: 'yourself',
  kept: 'You can no longer write here. This was not sent:',
  asFile: 'Send as a text file',
  split: (count: number) => `Send as ${count} messages`,
  fileName: 'message.txt',
  tooLong: (over: number) => `${plural(over, 'character', 'characters')} too many`,
};
