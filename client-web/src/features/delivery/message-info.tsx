import './delivery.css';

import type { MessageItem } from '@parley/client-common';
import { deliveryOf } from '@parley/client-common/delivery';
import type { Delivery, RecipientDelivery } from '@parley/common/contract';
import { useMemo } from 'react';

import { useClient, useReadable } from '../../client-context.ts';
import { texts } from '../../texts/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Ticks } from '../../ui/ticks.tsx';
import { fullText } from '../../ui/time-text.ts';
import { useNames } from '../people/use-names.ts';
import { stepsOf } from './steps.ts';

export interface MessageInfoProps {
  readonly conversationId: string;
  readonly item: MessageItem;
  readonly onClose: () => void;
}

/** The delivery status of an own message for each recipient, updated live. */
export function MessageInfo({ conversationId, item, onClose }: MessageInfoProps) {
  return (
    <Dialog title={texts.delivery.title} onClose={onClose}>
      <p className="delivery-message" dir="auto">
        {item.text}
      </p>
      <p className="quiet delivery-step">
        <Ticks state="sent" />
        <span>{texts.delivery.sent(fullText(item.at))}</span>
      </p>
      {item.messageId !== null && (
        <Fate conversationId={conversationId} messageId={item.messageId} />
      )}
    </Dialog>
  );
}

interface FateProps {
  readonly conversationId: string;
  readonly messageId: string;
}

function Fate({ conversationId, messageId }: FateProps) {
  const client = useClient();
  const state = useReadable(
    useMemo(
      () => deliveryOf(client, { conversationId, messageId }),
      [client, conversationId, messageId],
    ),
  );
  switch (state.status) {
    case 'loading':
      return <p className="quiet">{texts.common.loading}</p>;
    case 'failed':
      return <p className="form-error">{texts.errors[state.code] ?? texts.delivery.failed}</p>;
    case 'ready':
      return <Recipients delivery={state.delivery} />;
  }
}

function Recipients({ delivery }: { readonly delivery: Delivery }) {
  const { counts, recipients } = delivery;
  const nameOf = useNames(
    useMemo(() => new Set(recipients.map(({ userId }) => userId)), [recipients]),
  );
  return (
    <>
      {counts.of !== 1 && <p className="delivery-counts">{texts.delivery.counts(counts)}</p>}
      <ul aria-label={texts.delivery.recipients}>
        {recipients.map((recipient) => (
          <Recipient key={recipient.userId} recipient={recipient} name={nameOf(recipient.userId)} />
        ))}
      </ul>
    </>
  );
}

interface RecipientProps {
  readonly recipient: RecipientDelivery;
  readonly name: string;
}

function Recipient({ recipient, name }: RecipientProps) {
  const now = useClient().now();
  return (
    <li className="delivery-person">
      <Avatar id={recipient.userId} name={name} size="small" />
      <div className="delivery-steps">
        <bdi className="delivery-name truncate">{name}</bdi>
        {stepsOf(recipient, now).map(({ kind, text }) => (
          <p key={kind} className="quiet delivery-step">
            {(kind === 'read' || kind === 'delivered') && <Ticks state={kind} />}
            <span>{text}</span>
          </p>
        ))}
      </div>
    </li>
  );
}
