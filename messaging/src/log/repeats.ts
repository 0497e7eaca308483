import { AppError } from '@parley/common';

import type { Appended } from './conversation-log.ts';
import type { EntryDraft } from './entry-document.ts';
import { isSameContent } from './same-content.ts';

/** The key of a request was used before with other content. */
export function keyReused(): AppError {
  return new AppError('client_id_reused', 'The clientId was used for other content');
}

/** The answer to a repeat, from the answer to the first request. */
export function repeated(appended: Appended): Appended {
  return appended.kind === 'nothing' ? appended : { ...appended, kind: 'repeated' };
}

/** Lets a repeat wait for the answer of the first request. @throws AppError `client_id_reused`, and what the first is refused with */
export function joinAnswer(
  first: EntryDraft,
  answer: Promise<Appended>,
  repeat: EntryDraft,
): Promise<Appended> {
  return isSameContent(first, repeat) ? answer.then(repeated) : Promise.reject(keyReused());
}
