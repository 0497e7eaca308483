import type { PublicProfile } from '@parley/common/contract';
import { Check } from 'lucide-react';

import { Avatar } from '../../ui/avatar.tsx';
import { handleOf, personName } from './person-name.ts';

export interface PersonRowProps {
  readonly person: PublicProfile;
  readonly onSelect: () => void;
  /** Whether this user is selected; present only if several can be selected. */
  readonly chosen?: boolean;
  /** Why this user cannot be selected. */
  readonly blocked?: string | undefined;
}

/** A user in a list. The username is always shown next to the name. */
export function PersonRow({ person, onSelect, chosen, blocked }: PersonRowProps) {
  const several = chosen !== undefined;
  return (
    <button
      type="button"
      className="person"
      disabled={blocked !== undefined}
      role={several ? 'checkbox' : undefined}
      aria-checked={several ? chosen : undefined}
      onClick={onSelect}
    >
      <PersonText person={person} note={blocked} />
      {several && blocked === undefined && (
        <span className={chosen ? 'person-check is-chosen' : 'person-check'} aria-hidden="true">
          {chosen && <Check size={16} strokeWidth={3} />}
        </span>
      )}
    </button>
  );
}

export interface PersonTextProps {
  readonly person: PublicProfile;
  readonly note?: string | undefined;
}

/** Avatar, name and username of a user. */
export function PersonText({ person, note }: PersonTextProps) {
  const name = personName(person);
  const handle = handleOf(person);
  return (
    <>
      <Avatar id={person.id} name={name} size="large" />
      <span className="person-text">
        <span className="person-name truncate">
          <bdi>{name}</bdi>
        </span>
        <span className="quiet truncate" dir="ltr">
          {note ?? handle}
        </span>
      </span>
    </>
  );
}
