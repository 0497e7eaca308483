import type { ConversationHandle } from '@parley/client-common';
import type { Member, MemberRole } from '@parley/common/contract';
import { Ellipsis, MessageCircle, Shield, UserMinus } from 'lucide-react';
import { useState } from 'react';

import { useSelf } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Confirm } from '../../ui/dialog.tsx';
import { Menu, type MenuItem } from '../../ui/menu.tsx';
import { useNotice } from '../../ui/notice.tsx';
import { useRowMenu } from '../../ui/use-row-menu.ts';
import { useStartConversation } from '../people/new-conversation-panel.tsx';
import { personName } from '../people/person-name.ts';
import { PersonText } from '../people/person-row.tsx';
import { powersOver } from './member-policy.ts';

export interface MemberRowProps {
  readonly handle: ConversationHandle;
  readonly member: Member;
  readonly ownRole: MemberRole | null;
}

const MAKE = {
  owner: texts.details.makeOwner,
  admin: texts.details.makeAdmin,
  member: texts.details.makeMember,
} as const;

export function MemberRow({ handle, member, ownRole }: MemberRowProps) {
  const self = useSelf();
  const [removing, setRemoving] = useState(false);
  const items = useMemberActions({ handle, member, ownRole }, () => setRemoving(true));
  const rowMenu = useRowMenu();
  const { attempt } = useNotice();
  const name = personName(member.profile);
  const own = member.userId === self.id;
  const role = texts.details.roles[member.role ?? 'member'];
  return (
    <li className="member" {...rowMenu}>
      <div className="person">
        <PersonText person={member.profile} />
        <span className="member-role">
          {[own ? texts.details.youSuffix : '', role].filter(Boolean).join(' · ')}
        </span>
      </div>
      {!own && (
        <Menu
          label={texts.details.memberOptions(name)}
          icon={<Ellipsis size={20} aria-hidden />}
          items={items}
        />
      )}
      {removing && (
        <Confirm
          title={texts.details.removeTitle(name)}
          message={texts.details.removeMessage}
          action={texts.details.removeAction}
          onConfirm={() => attempt(handle.removeMember(member.userId))}
          onClose={() => setRemoving(false)}
        />
      )}
    </li>
  );
}

function useMemberActions(props: MemberRowProps, askRemove: () => void): readonly MenuItem[] {
  const { handle, member, ownRole } = props;
  const start = useStartConversation();
  const { attempt } = useNotice();
  const powers = powersOver(ownRole, member);
  const write: MenuItem = {
    label: texts.details.message,
    icon: <MessageCircle size={18} />,
    onSelect: () => void start(member.profile),
  };
  const remove: MenuItem = {
    label: texts.details.remove,
    icon: <UserMinus size={18} />,
    danger: true,
    onSelect: askRemove,
  };
  const roles = powers.roles.map((role) => ({
    label: MAKE[role],
    icon: <Shield size={18} />,
    onSelect: () => attempt(handle.setRole(member.userId, role)),
  }));
  return [...(member.profile.deleted ? [] : [write]), ...roles, ...(powers.remove ? [remove] : [])];
}
