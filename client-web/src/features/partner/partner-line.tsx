import './partner.css';

import { useClient } from '../../client-context.ts';
import { StatusMark } from './status-mark.tsx';
import { statusText } from './status-text.ts';
import { usePartner } from './use-status.ts';

/** The partner's status for a user; renders nothing if the user is not the partner. */
export function PartnerLine({ userId }: { readonly userId: string }) {
  const partner = usePartner();
  const client = useClient();
  if (partner?.id !== userId) return null;
  return (
    <span className="partner-line partner-status">
      <StatusMark status={partner.status} /> {statusText(partner, client.now())}
    </span>
  );
}
