import type { PublicProfile } from '@parley/common/contract';
import { X } from 'lucide-react';
import { useState } from 'react';

import { texts } from '../../texts/index.ts';
import { PeopleFinder } from './people-finder.tsx';
import { personName } from './person-name.ts';
import { PersonRow } from './person-row.tsx';

export interface PeoplePickerProps {
  readonly chosen: readonly PublicProfile[];
  readonly onChange: (chosen: readonly PublicProfile[]) => void;
  /** Users that cannot be selected because they are already members. */
  readonly present?: ReadonlySet<string>;
  readonly autoFocus?: boolean;
}

/** Selects several users: the selection is at the top, the search below it. */
export function PeoplePicker({ chosen, onChange, present, autoFocus = false }: PeoplePickerProps) {
  const [query, setQuery] = useState('');
  const without = (id: string) => chosen.filter((person) => person.id !== id);
  const toggle = (person: PublicProfile) => {
    const has = chosen.some(({ id }) => id === person.id);
    onChange(has ? without(person.id) : [...chosen, person]);
    setQuery('');
  };
  return (
    <>
      {chosen.length > 0 && <Chips chosen={chosen} onRemove={(id) => onChange(without(id))} />}
      <PeopleFinder
        query={query}
        onQuery={setQuery}
        autoFocus={autoFocus}
        onPick={(person) => {
          if (present?.has(person.id) !== true) toggle(person);
        }}
        onRemoveLast={() => onChange(chosen.slice(0, -1))}
        renderPerson={(person) => (
          <PersonRow
            person={person}
            chosen={chosen.some(({ id }) => id === person.id)}
            blocked={present?.has(person.id) === true ? texts.people.already : undefined}
            onSelect={() => toggle(person)}
          />
        )}
      />
    </>
  );
}

interface ChipsProps {
  readonly chosen: readonly PublicProfile[];
  readonly onRemove: (id: string) => void;
}

function Chips({ chosen, onRemove }: ChipsProps) {
  return (
    <ul className="chips" aria-label={texts.people.chosen(chosen.length)}>
      {chosen.map((person) => (
        <li key={person.id} className="chip">
          <bdi className="truncate">{personName(person)}</bdi>
          <button
            type="button"
            className="chip-remove"
            aria-label={texts.people.remove(personName(person))}
            onClick={() => onRemove(person.id)}
          >
            <X size={14} aria-hidden />
          </button>
        </li>
      ))}
    </ul>
  );
}
