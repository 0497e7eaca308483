import { LIMITS } from '@parley/common';
import { Search } from 'lucide-react';
import type { KeyboardEvent, RefObject } from 'react';

import { texts } from '../../texts/index.ts';

export interface PeopleFieldProps {
  readonly fieldRef: RefObject<HTMLInputElement | null>;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onKeyDown: (event: KeyboardEvent<HTMLInputElement>) => void;
  readonly autoFocus: boolean;
}

/** The search field for users. */
export function PeopleField({ fieldRef, value, onChange, onKeyDown, autoFocus }: PeopleFieldProps) {
  return (
    <div className="search" role="search">
      <Search size={18} aria-hidden />
      <input
        ref={fieldRef}
        type="search"
        className="search-input"
        aria-label={texts.people.search}
        placeholder={texts.people.placeholder}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        maxLength={LIMITS.displayNameMax}
        autoFocus={autoFocus}
        data-autofocus={autoFocus || undefined}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}
