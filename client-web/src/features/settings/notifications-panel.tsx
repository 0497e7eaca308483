import './settings.css';

import { useState } from 'react';

import { useNavigation, useSelf, useServices } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { errorText } from '../../ui/error-text.ts';
import { Switch } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notice.tsx';
import { Panel } from '../../ui/panel.tsx';
import { useDesktopAlerts } from '../alerts/use-desktop-alerts.ts';
import type { PushState } from '../push/push.ts';

/** Describes when notifications are shown, depending on the push state. */
const HINTS: Readonly<Record<PushState, string>> = {
  off: texts.settings.desktopHint,
  working: texts.settings.desktopHint,
  on: texts.push.hint,
  absent: texts.settings.desktopHint,
  failed: texts.push.failed,
};

/** Sound and notification settings of this device. Permission is requested only here and by the offer. */
export function NotificationsPanel() {
  const navigation = useNavigation();
  const alerts = useDesktopAlerts();
  return (
    <Panel
      title={texts.settings.notifications}
      onBack={() => navigation.close({ panel: 'settings' })}
    >
      <div className="settings-page scroll">
        <Switch
          label={texts.settings.desktop}
          hint={alerts.denied ? texts.settings.desktopDenied : HINTS[alerts.pushState]}
          checked={alerts.desktop}
          disabled={alerts.denied}
          onChange={(on) => void alerts.setDesktop(on)}
        />
        <Switch
          label={texts.settings.sound}
          hint={texts.settings.soundHint}
          checked={alerts.sound}
          onChange={alerts.setSound}
        />
        <PreviewSwitch />
      </div>
    </Panel>
  );
}

function PreviewSwitch() {
  const { bff, session } = useServices();
  const self = useSelf();
  const { say } = useNotice();
  const [pending, setPending] = useState<boolean | null>(null);
  const set = async (previews: boolean) => {
    setPending(previews);
    try {
      session.setUser(await bff.updateMe({ notifications: { previews } }));
    } catch (error) {
      say(errorText(error));
    } finally {
      setPending(null);
    }
  };
  return (
    <Switch
      label={texts.settings.previews}
      hint={texts.settings.previewsHint}
      checked={pending ?? self.notifications.previews}
      onChange={(on) => void set(on)}
    />
  );
}
