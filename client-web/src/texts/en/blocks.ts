import { isolated } from './grammar.ts';

/** Texts about blocking users. */
export const blocks = {
  block: (name: string) => isolated`Block ${name}`,
  unblock: 'Unblock',
  unblockName: (name: string) => isolated`Unblock ${name}`,
  blocked: 'Blocked',
  blockTitle: (name: string) => isolated`Block ${name}?`,
  blockMessage:
    'They cannot write to you, link with you or see when you are online, and you cannot message them. They are not notified.',
  blockPartner: 'You are no longer linked as partners either.',
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
