import { accountActions } from './accounts.ts';
import type { Action } from './action.ts';
import { choiceActions } from './choices.ts';
import { fileActions } from './files.ts';
import { listActions } from './lists.ts';
import { messageActions } from './messages.ts';
import { networkActions } from './networks.ts';
import { pairActions } from './pairs.ts';
import { peopleActions } from './people.ts';
import { placeActions } from './places.ts';
import { writingActions } from './writing.ts';

/** All actions, by kind. */
export const actionKinds: Readonly<Record<string, readonly Action[]>> = {
  writing: writingActions,
  messages: messageActions,
  files: fileActions,
  places: placeActions,
  lists: listActions,
  people: peopleActions,
  pairs: pairActions,
  networks: networkActions,
  accounts: accountActions,
  choices: choiceActions,
};

export const actions: readonly Action[] = Object.values(actionKinds).flat();
