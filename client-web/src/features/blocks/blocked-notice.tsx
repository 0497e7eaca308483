import './blocks.css';

import type { PublicProfile } from '@parley/common/contract';
import { Ban } from 'lucide-react';

import { useParts } from '../../parts.ts';
import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { useNotice } from '../../ui/notice.tsx';
import { personName } from '../people/person-name.ts';

/** Replaces the composer in a conversation with a blocked user. */
export function BlockedNotice({ person }: { readonly person: PublicProfile }) {
  const { blocks } = useParts();
  const { attempt } = useNotice();
  return (
    <div className="blocked-notice" role="status">
      <Ban size={18} aria-hidden />
      <span className="blocked-text">{texts.blocks.notice(personName(person))}</span>
      <Button onClick={() => attempt(blocks.unblock(person.id))}>{texts.blocks.unblock}</Button>
    </div>
  );
}
