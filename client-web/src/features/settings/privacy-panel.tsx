import './settings.css';

import type { Privacy } from '@parley/common/contract';
import { useState } from 'react';

import { useNavigation, useSelf, useServices } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { errorText } from '../../ui/error-text.ts';
import { Switch } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notice.tsx';
import { Panel } from '../../ui/panel.tsx';

/** The settings for what other users can see. */
export function PrivacyPanel() {
  const navigation = useNavigation();
  const { privacy, set } = usePrivacy();
  return (
    <Panel title={texts.settings.privacy} onBack={() => navigation.close({ panel: 'settings' })}>
      <div className="settings-page scroll">
        <Switch
          label={texts.settings.readReceipts}
          hint={texts.settings.readReceiptsHint}
          checked={privacy.readReceipts}
          onChange={(readReceipts) => void set({ readReceipts })}
        />
        <Switch
          label={texts.settings.lastSeen}
          hint={texts.settings.lastSeenHint}
          checked={privacy.lastSeen}
          onChange={(lastSeen) => void set({ lastSeen })}
        />
      </div>
    </Panel>
  );
}

/** Applies a change optimistically and reverts it if the server rejects it. */
function usePrivacy() {
  const { bff, session } = useServices();
  const self = useSelf();
  const { say } = useNotice();
  const [pending, setPending] = useState<Partial<Privacy>>({});
  const set = async (change: Partial<Privacy>) => {
    setPending((before) => ({ ...before, ...change }));
    try {
      session.setUser(await bff.updateMe({ privacy: change }));
    } catch (error) {
      say(errorText(error));
    } finally {
      setPending({});
    }
  };
  return { privacy: { ...self.privacy, ...pending }, set };
}
