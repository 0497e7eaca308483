import type { ConversationSummary } from '@parley/client-common';
import { Archive, ArchiveRestore, CircleDot, MailOpen, Pin, PinOff } from 'lucide-react';

import { useClient } from '../../client-context.ts';
import { texts } from '../../texts/index.ts';
import type { MenuItem } from '../../ui/menu.tsx';
import { useNotice } from '../../ui/notice.tsx';
import { muteItem, useMuteMenu } from './use-mute-menu.tsx';

/** The actions on a conversation that do not require opening it. */
export function useConversationActions(info: ConversationSummary): readonly MenuItem[] {
  const client = useClient();
  const { attempt } = useNotice();
  const handle = client.conversation(info.id);
  const { settings } = info;
  const mute = muteItem(useMuteMenu(info));
  const unread = info.unreadCount > 0 || settings.unread;
  const set = (change: Parameters<typeof handle.setSettings>[0]) => () =>
    attempt(handle.setSettings(change));

  return [
    {
      label: settings.pinned ? texts.list.unpin : texts.list.pin,
      icon: settings.pinned ? <PinOff size={18} /> : <Pin size={18} />,
      onSelect: set({ pinned: !settings.pinned }),
    },
    mute,
    {
      label: unread ? texts.list.markRead : texts.list.markUnread,
      icon: unread ? <MailOpen size={18} /> : <CircleDot size={18} />,
      onSelect: unread ? () => handle.markRead(info.lastSeq) : set({ unread: true }),
    },
    {
      label: settings.archived ? texts.list.unarchive : texts.list.archive,
      icon: settings.archived ? <ArchiveRestore size={18} /> : <Archive size={18} />,
      onSelect: set({ archived: !settings.archived }),
    },
  ];
}
