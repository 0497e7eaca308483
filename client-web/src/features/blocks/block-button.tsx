import type { PublicProfile } from '@parley/common/contract';
import { Ban } from 'lucide-react';
import { useState } from 'react';

import { useParts } from '../../parts.ts';
import { texts } from '../../texts/index.ts';
import { Confirm } from '../../ui/dialog.tsx';
import { useNotice } from '../../ui/notice.tsx';
import { usePartner } from '../partner/use-status.ts';
import { personName } from '../people/person-name.ts';
import { useBlocked } from './use-blocked.ts';

/** Blocks a user after confirmation, or unblocks them immediately. */
export function BlockButton({ person }: { readonly person: PublicProfile }) {
  const { blocks } = useParts();
  const { attempt, say } = useNotice();
  const blocked = useBlocked(person.id);
  const isPartner = usePartner()?.id === person.id;
  const [asking, setAsking] = useState(false);
  const name = personName(person);
  const change = () =>
    blocked
      ? blocks.unblock(person.id).then(() => say(texts.blocks.undone(name)))
      : blocks.block(person.id).then(() => say(texts.blocks.done(name)));
  const { blockMessage, blockPartner } = texts.blocks;
  return (
    <>
      <button
        type="button"
        className="person leave"
        onClick={() => (blocked ? attempt(change()) : setAsking(true))}
      >
        <span className="person-icon">
          <Ban size={20} aria-hidden />
        </span>
        <span className="person-name">
          {blocked ? texts.blocks.unblockName(name) : texts.blocks.block(name)}
        </span>
      </button>
      {asking && (
        <Confirm
          title={texts.blocks.blockTitle(name)}
          message={isPartner ? `${blockMessage} ${blockPartner}` : blockMessage}
          action={texts.blocks.blockAction}
          onConfirm={() => attempt(change())}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
