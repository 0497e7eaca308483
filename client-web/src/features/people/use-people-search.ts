import type { PublicProfile } from '@parley/common/contract';
import { useEffect, useState } from 'react';

import { useSelf, useServices } from '../../services.ts';
import { errorText } from '../../ui/error-text.ts';
import { questionOf } from './people-question.ts';

/** Delay in milliseconds between the last key press and the request. */
const PAUSE = 250;

/** The state of a user search. */
export type PeopleSearch =
  | { readonly status: 'idle' }
  | { readonly status: 'searching' }
  | {
      readonly status: 'found';
      /** The text that these people were found for; a newer search may be running. */
      readonly query: string;
      readonly people: readonly PublicProfile[];
    }
  | { readonly status: 'failed'; readonly reason: string };

/** Searches while the user types. The results never include the user themselves. */
export function usePeopleSearch(text: string): PeopleSearch {
  const { bff } = useServices();
  const self = useSelf();
  const [search, setSearch] = useState<PeopleSearch>({ status: 'idle' });
  const query = text.trim();

  useEffect(() => {
    const question = questionOf(query);
    if (question === null) {
      setSearch({ status: 'idle' });
      return;
    }
    let current = true;
    setSearch((before) => (before.status === 'found' ? before : { status: 'searching' }));
    const timer = setTimeout(() => {
      bff.searchUsers(question).then(
        ({ users }) => {
          const people = users.filter(({ id }) => id !== self.id);
          if (current) setSearch({ status: 'found', query, people });
        },
        (error: unknown) => {
          if (current) setSearch({ status: 'failed', reason: errorText(error) });
        },
      );
    }, PAUSE);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [bff, self.id, query]);
  return search;
}
