import type { ConversationHandle, ConversationSummary } from '@parley/client-common';
import { UserPlus } from 'lucide-react';
import { useEffect, useState } from 'react';

import { useReadable } from '../../client-context.ts';
import { useSelf } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { useNotice } from '../../ui/notice.tsx';
import { AddPeopleDialog } from './add-people-dialog.tsx';
import { MemberFilter } from './member-filter.tsx';
import { filterMembers, sortMembers } from './member-policy.ts';
import { MemberRow } from './member-row.tsx';

/** Above this number of members, they can be filtered. */
const FILTERED = 20;

export interface MemberSectionProps {
  readonly handle: ConversationHandle;
  readonly info: ConversationSummary;
}

/** The members of a group, updated live, with the actions allowed on each. */
export function MemberSection({ handle, info }: MemberSectionProps) {
  const { members, complete } = useReadable(handle.members);
  const { attempt } = useNotice();
  const self = useSelf();
  const [query, setQuery] = useState('');
  const shown = filterMembers(members, query);
  useAllMembers(handle, query !== '' && !complete, members.length);
  const [adding, setAdding] = useState(false);
  const mayAdd = info.role === 'owner' || info.role === 'admin';
  return (
    <section className="details-section" aria-labelledby="members-title">
      <h3 id="members-title" className="details-heading">
        {texts.details.membersTitle(info.memberCount)}
      </h3>
      {mayAdd && (
        <button type="button" className="person" onClick={() => setAdding(true)}>
          <span className="person-icon">
            <UserPlus size={20} aria-hidden />
          </span>
          <span className="person-name">{texts.details.addPeople}</span>
        </button>
      )}
      {info.memberCount > FILTERED && <MemberFilter value={query} onChange={setQuery} />}
      <ul aria-labelledby="members-title">
        {sortMembers(shown, self.id).map((member) => (
          <MemberRow key={member.userId} handle={handle} member={member} ownRole={info.role} />
        ))}
      </ul>
      {shown.length === 0 && members.length > 0 && complete && (
        <p className="quiet">{texts.details.filterNone}</p>
      )}
      {!complete && members.length > 0 && (
        <Button variant="quiet" onClick={() => attempt(handle.loadMembers())}>
          {texts.details.showMore}
        </Button>
      )}
      {adding && (
        <AddPeopleDialog handle={handle} members={members} onClose={() => setAdding(false)} />
      )}
    </section>
  );
}

/** Loads page after page while `wanted`, so that a filter sees every member. `count` changes with each page. */
function useAllMembers(handle: ConversationHandle, wanted: boolean, count: number): void {
  useEffect(() => {
    if (wanted) void handle.loadMembers().catch(() => undefined);
  }, [handle, wanted, count]);
}
