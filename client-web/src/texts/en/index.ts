import { attachments } from './attachments.ts';
import { blocks } from './blocks.ts';
import { common, times } from './common.ts';
import { alerts, connection, conversation, list } from './conversations.ts';
import { delivery } from './delivery.ts';
import { errors } from './errors.ts';
import { names } from './grammar.ts';
import { partner } from './partner.ts';
import { details, people } from './people.ts';
import { push } from './push.ts';
import { settings } from './settings.ts';
import { signIn } from './sign-in.ts';
import { composer, ticks, timeline } from './timeline.ts';

/** All texts of the app in English. Another language is another folder with the same structure. */
export const en = {
  language: 'en',
  direction: 'ltr' as 'ltr' | 'rtl',
  errors,
  names,
  attachments,
  blocks,
  delivery,
  partner,
  push,
  common,
  times,
  signIn,
  connection,
  list,
  conversation,
  timeline,
  ticks,
  alerts,
  composer,
  people,
  details,
  settings,
};

export type Texts = typeof en;
