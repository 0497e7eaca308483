import type { PublicProfile } from '@parley/common/contract';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';

import { isComposing, isEnter } from '../../ui/keys.ts';
import { moveAmong } from '../../ui/move-among.ts';
import { PeopleField } from './people-field.tsx';
import { PeopleResults } from './people-results.tsx';
import { type PeopleSearch, usePeopleSearch } from './use-people-search.ts';

export interface PeopleFinderProps {
  readonly query: string;
  readonly onQuery: (query: string) => void;
  /** Called on Enter in the field with the first person found. */
  readonly onPick: (person: PublicProfile) => void;
  readonly renderPerson: (person: PublicProfile) => ReactNode;
  /** Shown above the people. */
  readonly children?: ReactNode;
  readonly autoFocus?: boolean;
  /** Called on Backspace in the empty field. */
  readonly onRemoveLast?: () => void;
}

/**
 * The search field for users and the list below it. Enter in the field picks the first person found, the arrow keys
 * lead to the list and back, and Esc empties the field.
 */
export function PeopleFinder(props: PeopleFinderProps) {
  const { query, onQuery, onPick, onRemoveLast, autoFocus = false } = props;
  const search = usePeopleSearch(query);
  const list = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const pickFirst = usePickFirst(search, query, onPick);

  const onFieldKey = (event: KeyboardEvent<HTMLInputElement>) => {
    if (isComposing(event)) return;
    if (isEnter(event)) {
      // Never submits the form around the field.
      event.preventDefault();
      pickFirst();
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      list.current?.querySelector<HTMLElement>('button:not(:disabled)')?.focus();
    } else if (event.key === 'Escape' && query !== '') {
      event.preventDefault();
      event.stopPropagation();
      onQuery('');
    } else if (event.key === 'Backspace' && query === '') onRemoveLast?.();
  };
  return (
    <>
      <PeopleField
        fieldRef={field}
        value={query}
        onChange={onQuery}
        onKeyDown={onFieldKey}
        autoFocus={autoFocus}
      />
      <div
        ref={list}
        className="people-scroll scroll"
        onKeyDown={(event) => moveAmong(event, { items: 'button:not(:disabled)', before: field })}
      >
        {props.children}
        <PeopleResults query={query} search={search} renderPerson={props.renderPerson} />
      </div>
    </>
  );
}

/** Returns a function that picks the first person found; while the search runs, as soon as it has ended. */
function usePickFirst(
  search: PeopleSearch,
  query: string,
  onPick: (person: PublicProfile) => void,
): () => void {
  const [wanted, setWanted] = useState<string | null>(null);
  const found =
    search.status === 'found' && search.query === query.trim() ? (search.people[0] ?? null) : null;
  const isOver =
    search.status === 'failed' || (search.status === 'found' && search.query === wanted);
  const pick = useRef(onPick);
  useEffect(() => {
    pick.current = onPick;
  });
  useEffect(() => {
    if (wanted === null) return;
    if (wanted === query.trim() && found !== null) pick.current(found);
    if (wanted !== query.trim() || isOver) setWanted(null);
  }, [wanted, query, found, isOver]);
  return () => setWanted(query.trim() === '' ? null : query.trim());
}
