import '../settings/settings.css';
import './partner.css';

import type { Partner } from '@parley/common/contract';
import { CloudOff, MessageCircle } from 'lucide-react';
import { type RefObject, useEffect, useRef } from 'react';

import { useClient, useReadable } from '../../client-context.ts';
import { useParts } from '../../parts.ts';
import { useNavigation } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { dateText } from '../../ui/time-text.ts';
import { useStartConversation } from '../people/new-conversation-panel.tsx';
import { handleOf, personName } from '../people/person-name.ts';
import { EnterCode } from './enter-code.tsx';
import { MyCode } from './my-code.tsx';
import { PartnerAvatar } from './partner-avatar.tsx';
import { StatusMark } from './status-mark.tsx';
import { StatusPicker } from './status-picker.tsx';
import { statusText } from './status-text.ts';
import { UnlinkButton } from './unlink-button.tsx';

/** The partner page: linking if there is no partner, otherwise both statuses and the unlink button. */
export function PartnerPanel() {
  const navigation = useNavigation();
  const page = useKeptFocus();
  return (
    <Panel title={texts.partner.title} onBack={() => navigation.closePanel({ panel: null })}>
      <div ref={page} className="partner-page scroll" tabIndex={-1}>
        <PartnerPage />
      </div>
    </Panel>
  );
}

/** Focuses the page if the focused element is removed when a link begins or ends. */
function useKeptFocus(): RefObject<HTMLDivElement | null> {
  const page = useRef<HTMLDivElement>(null);
  const { status } = useReadable(useParts().partner.partner);
  useEffect(() => {
    if (document.activeElement === document.body) page.current?.focus({ preventScroll: true });
  }, [status]);
  return page;
}

function PartnerPage() {
  const { partner } = useParts();
  const state = useReadable(partner.partner);
  switch (state.status) {
    case 'loading':
      return <p className="quiet">{texts.common.loading}</p>;
    case 'failed':
      return (
        <EmptyState icon={<CloudOff size={28} />} title={texts.partner.failed}>
          <Button onClick={() => void partner.reload()}>{texts.common.tryAgain}</Button>
        </EmptyState>
      );
    case 'none':
      return (
        <>
          <p className="partner-intro">{texts.partner.intro}</p>
          <MyCode />
          <EnterCode />
        </>
      );
    case 'linked':
      return <Linked partner={state.partner} />;
  }
}

function Linked({ partner }: { readonly partner: Partner }) {
  const now = useClient().now();
  const start = useStartConversation();
  return (
    <>
      <div className="partner-top">
        <PartnerAvatar partner={partner} size="huge" />
        <p className="partner-title">
          <bdi>{personName(partner)}</bdi>
        </p>
        <p className="quiet" dir="ltr">
          {handleOf(partner)}
        </p>
        <p className="partner-line">
          <StatusMark status={partner.status} /> {statusText(partner, now)}
        </p>
        <p className="quiet">{texts.partner.linkedSince(dateText(partner.linkedAt, now))}</p>
        <Button
          variant="primary"
          icon={<MessageCircle size={18} aria-hidden />}
          onClick={() => void start(partner)}
        >
          {texts.partner.message}
        </Button>
      </div>
      <StatusPicker />
      <UnlinkButton name={personName(partner)} />
    </>
  );
}
