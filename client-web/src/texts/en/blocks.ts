import { isolated } from './grammar.ts';

/** Texts about blocking users. */
export const blocks = {
  block: (name: string) => isolated`Block ${name}`,
  unblock: 'Unblock',
  unblockName: (name: string) => isolated`Unblock ${name}`,
  blocked: 'Blocked',
  blockTitle: (name: string) => isolated`Block ${name}?`,
  blockMessage:
    'You can no longer message each other, link or see when the other is online. They are not told, but when they write to you, they see that you cannot be reached. In groups you still see each other’s messages.',
  blockPartner: 'Your link as partners ends too, which they are told.',
  blockAction: 'Block',
  done: (name: string) => isolated`${name} is blocked`,
  undone: (name: string) => isolated`${name} is no longer blocked`,
  notice: (name: string) => isolated`You blocked ${name}. Neither of you can write here.`,
  settings: 'Blocked people',
  settingsHint: 'People who cannot reach you',
  since: (when: string) => `Blocked ${when}`,
  empty: 'Nobody is blocked',
  emptyHint: 'To block someone, open the details of your conversation with them.',
  failed: 'The list could not be loaded.',
};
