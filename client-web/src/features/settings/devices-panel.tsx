import './settings.css';

import type { Session } from '@parley/common/contract';
import { CloudOff, MonitorSmartphone } from 'lucide-react';
import { useState } from 'react';

import { useClient } from '../../client-context.ts';
import { useNavigation } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { agoText } from '../../ui/time-text.ts';
import { type Sessions, useSessions } from './use-sessions.ts';

/** The devices on which the user is signed in, with buttons to sign them out. */
export function DevicesPanel() {
  const navigation = useNavigation();
  const sessions = useSessions();
  return (
    <Panel title={texts.settings.sessions} onBack={() => navigation.close({ panel: 'settings' })}>
      <div className="settings-page scroll">
        <DeviceLists sessions={sessions} />
      </div>
    </Panel>
  );
}

function DeviceLists({ sessions }: { readonly sessions: Sessions }) {
  const { list, failure } = sessions;
  if (failure !== null) {
    return (
      <EmptyState icon={<CloudOff size={28} />} title={failure}>
        <Button onClick={sessions.reload}>{texts.common.tryAgain}</Button>
      </EmptyState>
    );
  }
  if (list === null) return <p className="quiet">{texts.common.loading}</p>;
  const others = list.filter(({ current }) => !current);
  return (
    <>
      <h3 className="settings-heading">{texts.settings.thisDevice}</h3>
      <ul>
        {list
          .filter(({ current }) => current)
          .map((session) => (
            <Device key={session.id} session={session} />
          ))}
      </ul>
      <h3 className="settings-heading">{texts.settings.otherDevices}</h3>
      {others.length === 0 && <p className="quiet">{texts.settings.noOthers}</p>}
      <ul>
        {others.map((session) => (
          <Device
            key={session.id}
            session={session}
            onRevoke={() => void sessions.revoke(session.id)}
          />
        ))}
      </ul>
      {others.length > 1 && <RevokeAll onRevoke={() => void sessions.revokeOthers()} />}
    </>
  );
}

interface DeviceProps {
  readonly session: Session;
  readonly onRevoke?: () => void;
}

function Device({ session, onRevoke }: DeviceProps) {
  const now = useClient().now();
  const name = session.deviceName ?? texts.settings.unnamedDevice;
  return (
    <li className="device">
      <span className="settings-icon">
        <MonitorSmartphone size={20} aria-hidden />
      </span>
      <span className="settings-text">
        <span className="truncate">
          <bdi>{name}</bdi>
        </span>
        <span className="quiet">{texts.settings.signedInAt(agoText(session.createdAt, now))}</span>
        {!session.current && (
          <span className="quiet">
            {texts.settings.lastActive(agoText(session.lastSeenAt, now))}
          </span>
        )}
      </span>
      {onRevoke !== undefined && (
        <Button onClick={onRevoke} aria-label={texts.settings.revokeName(name)}>
          {texts.settings.revoke}
        </Button>
      )}
    </li>
  );
}

function RevokeAll({ onRevoke }: { readonly onRevoke: () => void }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button className="settings-wide" onClick={() => setAsking(true)}>
        {texts.settings.revokeAll}
      </Button>
      {asking && (
        <Confirm
          title={texts.settings.revokeAllTitle}
          message={texts.settings.revokeAllMessage}
          action={texts.settings.revoke}
          onConfirm={onRevoke}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
