import { Search } from 'lucide-react';

import { texts } from '../../texts/index.ts';
import { isComposing } from '../../ui/keys.ts';

export interface MemberFilterProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** The field that filters the members of a large group. */
export function MemberFilter({ value, onChange }: MemberFilterProps) {
  return (
    <div className="search member-filter" role="search">
      <Search size={18} aria-hidden />
      <input
        type="search"
        className="search-input"
        aria-label={texts.details.filter}
        placeholder={texts.details.filter}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || value === '' || isComposing(event)) return;
          event.stopPropagation();
          onChange('');
        }}
      />
    </div>
  );
}
