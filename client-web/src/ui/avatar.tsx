import { Users } from 'lucide-react';

import { classNames } from './class-names.ts';
import { colourOf, initialsOf } from './identity.ts';

export interface AvatarProps {
  /** The user or conversation id from which the colour is derived. */
  readonly id: string;
  readonly name: string;
  readonly size?: 'small' | 'medium' | 'large' | 'huge';
  readonly group?: boolean;
  /** Shown as a dot if known. */
  readonly online?: boolean | undefined;
}

/** Initials on a colour derived from the id: round for a user, with corners for a group. Decorative: the name is always shown next to it. */
export function Avatar({ id, name, size = 'medium', group = false, online }: AvatarProps) {
  const initials = initialsOf(name);
  const icon = { small: 16, medium: 24, large: 24, huge: 44 }[size];
  return (
    <span
      className={classNames(
        'avatar',
        `avatar-${size}`,
        `avatar-${colourOf(id)}`,
        group && 'avatar-group',
      )}
      aria-hidden="true"
    >
      {group && initials === '' ? <Users size={icon} /> : initials}
      {online === true && <span className="avatar-online" />}
    </span>
  );
}
