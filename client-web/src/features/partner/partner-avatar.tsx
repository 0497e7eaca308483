import type { Partner } from '@parley/common/contract';

import { Avatar, type AvatarProps } from '../../ui/avatar.tsx';
import { classNames } from '../../ui/class-names.ts';
import { personName } from '../people/person-name.ts';
import { StatusMark } from './status-mark.tsx';

export interface PartnerAvatarProps {
  readonly partner: Partner;
  readonly size?: AvatarProps['size'];
}

/** The partner's avatar with the status in its corner. */
export function PartnerAvatar({ partner, size = 'large' }: PartnerAvatarProps) {
  return (
    <span className={classNames('partner-avatar', size === 'huge' && 'partner-avatar-huge')}>
      <Avatar id={partner.id} name={personName(partner)} size={size} />
      <span className="partner-badge">
        <StatusMark status={partner.status} size={size === 'huge' ? 24 : 14} />
      </span>
    </span>
  );
}
