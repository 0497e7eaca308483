import './alerts.css';

import { Bell } from 'lucide-react';
import { useEffect, useState } from 'react';

import { useClient } from '../../client-context.ts';
import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { isMuted } from '../conversations/mute.ts';
import { mayOffer, rememberOffer } from './alert-settings.ts';
import { useDesktopAlerts } from './use-desktop-alerts.ts';

/** Offers notifications after the first message from somebody else. An answer is remembered on this device. */
export function AlertOffer() {
  const received = useReceived();
  const [answered, setAnswered] = useState(false);
  const { setDesktop } = useDesktopAlerts();
  // Enabled or answered meanwhile, in the settings or in another tab.
  if (!received || answered || !mayOffer()) return <div role="status" />;
  const answer = (wanted: boolean) => {
    rememberOffer();
    setAnswered(true);
    if (wanted) void setDesktop(true);
  };
  return (
    <div role="status">
      <section className="alert-offer" aria-labelledby="alert-offer">
        <Bell size={20} aria-hidden />
        <p id="alert-offer">{texts.alerts.offer}</p>
        <div className="alert-offer-actions">
          <Button variant="quiet" onClick={() => answer(false)}>
            {texts.alerts.offerLater}
          </Button>
          <Button variant="primary" onClick={() => answer(true)}>
            {texts.alerts.offerAccept}
          </Button>
        </div>
      </section>
    </div>
  );
}

/** Whether a message of somebody else has arrived since the app was opened, in a conversation that is not muted. */
function useReceived(): boolean {
  const client = useClient();
  const [received, setReceived] = useState(false);
  useEffect(
    () =>
      client.onEntry(({ entry, own }) => {
        if (own || entry.kind !== 'message') return;
        const info = client.conversation(entry.conversationId).info.get();
        if (info !== null && !isMuted(info.settings, client.now())) setReceived(true);
      }),
    [client],
  );
  return received;
}
