import { isolated } from './grammar.ts';

import type { StatusName } from '@parley/common/contract';

const statuses: Readonly<Record<StatusName, string>> = {
  AVAILABLE: 'Available',
  BUSY: 'Busy',
  OFFLINE: 'Offline',
};

/** Texts about the partner, the link and the two statuses. */
export const partner = {
  title: 'Partner',
  settingsHint: 'Link with one person and share your status',
  statuses,
  until: (status: string, end: string) => `${status} ${end}`,
  card: (name: string, status: string) => isolated`${name}, your partner: ${status}`,
  yours: ', your partner: ',
  failed: 'Your partner could not be loaded.',

  intro: 'Link with one person. You see each other’s status, live, on all your devices.',
  codeTitle: 'Show a code',
  codeHint: 'Your partner enters it on their side. It works once.',
  showCode: 'Show my code',
  newCode: 'New code',
  copyCode: 'Copy',
  codeCopied: 'Code copied',
  codeLeft: (left: string) => `Valid for another ${left}`,
  codeOver: 'This code has expired.',
  enterTitle: 'Enter a code',
  enterLabel: 'Your partner’s code',
  enterHint: 'Eight letters and digits. Capitals, spaces and hyphens do not matter.',
  link: 'Link',
  codeLength: 'A code has eight letters and digits.',
  codeLetters: 'Codes have no 0, O, 1, I, L or U. Check the code.',
  codeWrong: 'This code is invalid or has expired. Ask for a new one.',
  tooManyCodes: (minutes: number) =>
    `Too many wrong codes. Try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`,
  linked: (name: string) => isolated`You and ${name} are linked`,
  unlinked: (name: string) => isolated`You and ${name} are no longer linked`,

  linkedSince: (day: string) => `Linked since ${day}`,
  message: 'Message',
  ownTitle: 'Your status',
  own: (status: string) => `You: ${status}`,
  ownShort: 'You',
  howLong: 'For how long?',
  durations: {
    open: 'Until I change it',
    half: '30 minutes',
    hour: '1 hour',
    tonight: 'Until tonight',
    custom: 'Pick a time',
  },
  quick: {
    half: (status: string) => `${status} for 30 minutes`,
    hour: (status: string) => `${status} for 1 hour`,
    tonight: (status: string) => `${status} until tonight`,
  },
  begin: 'Link with your partner',
  moreChoices: 'More choices',
  customLabel: 'Until when',
  customSet: 'Set',
  customPast: 'Choose a time in the future.',
  customFar: 'Choose a time within 30 days.',
  saved: (status: string) => `Your partner sees: ${status}`,

  unlink: 'Unlink',
  unlinkTitle: (name: string) => isolated`Unlink from ${name}?`,
  unlinkMessage:
    'You no longer see each other’s status. Your conversation stays. To link again, one of you needs a new code.',
};
