import '../settings/settings.css';
import '../people/people.css';
import './blocks.css';

import type { Block } from '@parley/client-common/blocks';
import { Ban, CloudOff } from 'lucide-react';
import { useMemo } from 'react';

import { useClient, useReadable } from '../../client-context.ts';
import { useParts } from '../../parts.ts';
import { useNavigation } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { useNotice } from '../../ui/notice.tsx';
import { Panel } from '../../ui/panel.tsx';
import { agoText } from '../../ui/time-text.ts';
import { personName } from '../people/person-name.ts';

/** The list of blocked users, with buttons to unblock them. */
export function BlockedPanel() {
  const navigation = useNavigation();
  return (
    <Panel title={texts.blocks.settings} onBack={() => navigation.close({ panel: 'settings' })}>
      <div className="settings-page scroll">
        <BlockedList />
      </div>
    </Panel>
  );
}

function BlockedList() {
  const { blocks } = useParts();
  const { status, blocks: all } = useReadable(blocks.list);
  if (status === 'failed') {
    return (
      <EmptyState icon={<CloudOff size={28} />} title={texts.blocks.failed}>
        <Button onClick={() => void blocks.reload()}>{texts.common.tryAgain}</Button>
      </EmptyState>
    );
  }
  if (status === 'loading') return <p className="quiet">{texts.common.loading}</p>;
  if (all.length === 0) {
    return (
      <EmptyState
        icon={<Ban size={28} />}
        title={texts.blocks.empty}
        hint={texts.blocks.emptyHint}
      />
    );
  }
  return (
    <ul>
      {all.map((block) => (
        <BlockedPerson key={block.userId} block={block} />
      ))}
    </ul>
  );
}

function BlockedPerson({ block }: { readonly block: Block }) {
  const { blocks } = useParts();
  const { attempt } = useNotice();
  const client = useClient();
  const profile = useReadable(useMemo(() => client.profile(block.userId), [client, block.userId]));
  const name = personName(profile);
  return (
    <li className="device">
      <Avatar id={block.userId} name={name} size="large" />
      <span className="settings-text">
        <bdi className="truncate">{name}</bdi>
        <span className="quiet">{texts.blocks.since(agoText(block.blockedAt, client.now()))}</span>
      </span>
      <Button
        aria-label={texts.blocks.unblockName(name)}
        onClick={() => attempt(blocks.unblock(block.userId))}
      >
        {texts.blocks.unblock}
      </Button>
    </li>
  );
}
