import type { MessageItem } from '@parley/client-common';
import { Copy, Download, Info, Reply, Trash2, Undo2 } from 'lucide-react';

import { useClient } from '../../client-context.ts';
import { texts } from '../../texts/index.ts';
import type { MenuItem } from '../../ui/menu.tsx';
import { useNotice } from '../../ui/notice.tsx';
import { useCopy } from '../../ui/use-copy.ts';
import { saveFile } from '../attachments/save-file.ts';
import { useTimelineActions } from './timeline-context.ts';

/** The actions on a message that are currently possible. */
export function useMessageActions(item: MessageItem): readonly MenuItem[] {
  const { handle, reply, canDelete, askDelete, askInfo } = useTimelineActions();
  const { uploads } = useClient();
  const { say, attempt } = useNotice();
  const copyText = useCopy();
  const { delivery } = item;
  const waiting = delivery !== null && 'cancellable' in delivery && delivery.cancellable;

  const copy: MenuItem = {
    label: texts.timeline.copy,
    icon: <Copy size={18} />,
    onSelect: () => copyText(item.text ?? ''),
  };
  const save: MenuItem = {
    label: texts.attachments.download,
    icon: <Download size={18} />,
    onSelect: () => {
      if (uploads !== null && item.attachment !== null) attempt(saveFile(uploads, item.attachment));
    },
  };
  const answer: MenuItem = {
    label: texts.timeline.reply,
    icon: <Reply size={18} className="icon-mirror" />,
    onSelect: () => reply(item),
  };
  const info: MenuItem = {
    label: texts.delivery.action,
    icon: <Info size={18} />,
    onSelect: () => askInfo(item),
  };
  const remove: MenuItem = {
    label: texts.timeline.delete,
    icon: <Trash2 size={18} />,
    danger: true,
    onSelect: () => {
      // Focus the message first: the dialog returns the focus to it, and deleting removes the menu.
      document.activeElement?.closest<HTMLElement>('[role=article]')?.focus();
      askDelete(item);
    },
  };
  const cancel: MenuItem = {
    label: texts.timeline.cancelSend,
    icon: <Undo2 size={18} />,
    onSelect: () => {
      if (!handle.discard(item.clientId)) say(texts.timeline.tooLate);
    },
  };
  return [
    ...(item.messageId === null ? [] : [answer]),
    ...(item.text === null ? [] : [copy]),
    ...(item.attachment?.id == null ? [] : [save]),
    ...(item.own && item.messageId !== null ? [info] : []),
    ...(waiting ? [cancel] : []),
    ...(canDelete(item) ? [remove] : []),
  ];
}
