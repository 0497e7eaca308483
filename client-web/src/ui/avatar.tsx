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

/** Initials on a colour derived from the id. Decorative: the name is always shown next to it. */
export function Avatar({ id, name, size = 'medium', group = false, online }: AvatarProps) {
  const icon = { small: 16, medium: 24, large: 24, huge: 44 }[size];
  return (
    <span
      className={classNames('avatar', `avatar-${size}`, `avatar-${colourOf(id)}`)}
      aria-hidden="true"
    >
      {group ? <Users size={icon} /> : initialsOf(name)}
      {online === true && <span className="avatar-online" />}
    </span>
  );
}
