import './partner.css';

import type { Partner } from '@parley/common/contract';

import { useClient } from '../../client-context.ts';
import { useNavigation } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Menu } from '../../ui/menu.tsx';
import { useToday } from '../../ui/use-today.ts';
import { personName } from '../people/person-name.ts';
import { PartnerAvatar } from './partner-avatar.tsx';
import { StatusMark } from './status-mark.tsx';
import { statusText } from './status-text.ts';
import { useQuickStatuses } from './use-quick-statuses.tsx';
import { useOwnStatus, usePartner } from './use-status.ts';

/** The partner above the list with both statuses, updated live. Renders nothing without a partner. */
export function PartnerCard() {
  const partner = usePartner();
  return partner === null ? null : <Card partner={partner} />;
}

function Card({ partner }: { readonly partner: Partner }) {
  const navigation = useNavigation();
  const status = useStatusText(partner);
  const name = personName(partner);
  return (
    <section className="partner-card" aria-label={texts.partner.title}>
      <button
        type="button"
        className="partner-open"
        data-opens="partner"
        onClick={() => navigation.go({ panel: 'partner' })}
      >
        <PartnerAvatar partner={partner} />
        <span className="partner-text">
          <span className="partner-name truncate">
            <bdi>{name}</bdi>
            <span className="visually-hidden">{texts.partner.yours}</span>
          </span>
          <span className="partner-status truncate">
            {/* Tells the card from the row of the same person in the list below. */}
            <span className="quiet" aria-hidden>
              {texts.partner.title} ·{' '}
            </span>
            {status}
          </span>
        </span>
      </button>
      <OwnStatusMenu />
      <span className="visually-hidden" role="status">
        {texts.partner.card(name, status)}
      </span>
    </section>
  );
}

function OwnStatusMenu() {
  const own = useOwnStatus();
  const items = useQuickStatuses();
  return (
    <Menu
      className="partner-own"
      label={texts.partner.own(useStatusText(own))}
      icon={
        <>
          <StatusMark status={own.status} size={16} />
          <span className="partner-own-label">{texts.partner.ownShort}</span>
        </>
      }
      items={items}
    />
  );
}

/** The status text, relative to the current day. */
function useStatusText(status: Parameters<typeof statusText>[0]): string {
  // Render again when a new day begins.
  useToday();
  return statusText(status, useClient().now());
}
