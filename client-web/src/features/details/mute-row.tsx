import type { ConversationSummary } from '@parley/client-common';
import { BellOff } from 'lucide-react';

import { useClient } from '../../client-context.ts';
import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { muteText } from '../conversations/mute.ts';
import { useMuteMenu } from '../conversations/use-mute-menu.tsx';

/** Mutes a conversation for a while, and shows until when it is muted. */
export function MuteRow({ info }: { readonly info: ConversationSummary }) {
  const client = useClient();
  const { muted, durations, unmute } = useMuteMenu(info);
  return (
    <div className="switch-row mute-row">
      <span className="switch-text">
        <span>{texts.details.muted}</span>
        <span className="quiet">
          {muted ? muteText(info.settings, client.now()) : texts.details.mutedHint}
        </span>
      </span>
      {muted ? (
        <Button onClick={unmute.onSelect}>{texts.list.unmute}</Button>
      ) : (
        <Menu
          label={texts.list.muteFor}
          icon={<BellOff size={20} aria-hidden />}
          items={durations}
        />
      )}
    </div>
  );
}
