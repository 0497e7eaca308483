import type { PublicProfile } from '@parley/common/contract';
import { CloudOff, UserSearch } from 'lucide-react';
import type { ReactNode } from 'react';

import { texts } from '../../texts/index.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { useContacts } from './use-contacts.ts';
import type { PeopleSearch } from './use-people-search.ts';

export interface PeopleResultsProps {
  /** The text of the search field. */
  readonly query: string;
  readonly search: PeopleSearch;
  readonly renderPerson: (person: PublicProfile) => ReactNode;
}

/** The users that a search finds, or recent contacts while the field is empty. */
export function PeopleResults({ query, search, renderPerson }: PeopleResultsProps) {
  const contacts = useContacts();
  switch (search.status) {
    case 'idle':
      return contacts.length > 0 && query.trim() === '' ? (
        <PeopleList label={texts.people.recent} people={contacts} renderPerson={renderPerson} />
      ) : (
        <p className="people-hint quiet">{texts.people.hint}</p>
      );
    case 'searching':
      return (
        <p className="people-hint quiet" role="status">
          {texts.common.loading}
        </p>
      );
    case 'failed':
      return <EmptyState icon={<CloudOff size={28} />} title={search.reason} />;
    case 'found':
      return search.people.length > 0 ? (
        <PeopleList
          label={texts.people.found(search.people.length)}
          className="people-found"
          people={search.people}
          renderPerson={renderPerson}
        />
      ) : (
        <EmptyState
          icon={<UserSearch size={28} />}
          title={texts.people.none}
          hint={texts.people.noneHint}
        />
      );
  }
}

interface PeopleListProps {
  readonly label: string;
  readonly className?: string;
  readonly people: readonly PublicProfile[];
  readonly renderPerson: (person: PublicProfile) => ReactNode;
}

function PeopleList({ label, className, people, renderPerson }: PeopleListProps) {
  return (
    <>
      <p className="people-label" role="status">
        {label}
      </p>
      <ul aria-label={label} className={className}>
        {people.map((person) => (
          <li key={person.id}>{renderPerson(person)}</li>
        ))}
      </ul>
    </>
  );
}
