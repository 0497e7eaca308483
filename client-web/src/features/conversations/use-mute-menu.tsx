import type { ConversationSummary } from '@parley/client-common';
import { Bell, BellOff } from 'lucide-react';

import { useClient } from '../../client-context.ts';
import { texts } from '../../texts/index.ts';
import type { MenuItem } from '../../ui/menu.tsx';
import { useNotice } from '../../ui/notice.tsx';
import { MUTE_DURATIONS, muteEnd } from './mute.ts';
import { useMuted } from './use-muted.ts';

/** The menu items that mute a conversation for a while, or that unmute it. */
export interface MuteMenu {
  readonly muted: boolean;
  readonly durations: readonly MenuItem[];
  readonly unmute: MenuItem;
}

export function useMuteMenu({ id, settings }: ConversationSummary): MuteMenu {
  const client = useClient();
  const { attempt } = useNotice();
  const handle = client.conversation(id);
  const durations = MUTE_DURATIONS.map((duration) => ({
    label: texts.list.muteDurations[duration],
    onSelect: () =>
      attempt(handle.setSettings({ mutedUntil: muteEnd(duration, Math.round(client.now())) })),
  }));
  const unmute = {
    label: texts.list.unmute,
    icon: <Bell size={18} />,
    onSelect: () => attempt(handle.setSettings({ mutedUntil: null })),
  };
  return { muted: useMuted(settings), durations, unmute };
}

/** The one item for both: it unmutes, or opens the durations. */
export function muteItem({ muted, durations, unmute }: MuteMenu): MenuItem {
  if (muted) return unmute;
  return { label: texts.list.mute, icon: <BellOff size={18} />, items: durations };
}
