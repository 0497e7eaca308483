import type { ConversationSummary, LiveEntry } from '@parley/client-common';
import { isolate, shorten } from '@parley/common';
import { useCallback, useEffect, useRef } from 'react';

import { useClient, useReadable } from '../../client-context.ts';
import { useParts } from '../../parts.ts';
import { useNavigation, useSelf } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { contentText } from '../attachments/attachment-text.ts';
import { isMuted } from '../conversations/mute.ts';
import { knownName } from '../people/known-name.ts';
import { conversationName } from '../people/person-name.ts';
import { claimAlert } from './alert-claim.ts';
import { readAlertSettings } from './alert-settings.ts';
import { chime } from './chime.ts';

/** Most UTF-16 code units of a message in a notification, as in a push. */
const BODY_LENGTH = 240;

/** Shows the number of unread conversations in the page title. */
export function useUnreadBadge(): void {
  const { unread } = useReadable(useClient().conversations);
  useEffect(() => {
    const name = texts.common.appName;
    document.title = unread > 0 ? texts.alerts.titleBadge(unread, name) : name;
    const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
    if (icon !== null) icon.href = unread > 0 ? '/favicon-unread.svg' : '/favicon.svg';
    return () => {
      document.title = name;
      if (icon !== null) icon.href = '/favicon.svg';
    };
  }, [unread]);
}

/** Time in milliseconds without a second sound: a burst of messages sounds once. */
const QUIET = 1_500;

/**
 * Plays a sound for a message that the user is not looking at, and shows a notification if the page is not in view,
 * as far as they are enabled. Muted conversations do neither.
 */
export function useAlerts(): void {
  const client = useClient();
  const ring = useRing();
  const navigation = useNavigation();
  const notify = useNotify();
  useEffect(() => {
    const alert = async ({ entry }: LiveEntry) => {
      if (entry.kind !== 'message') return;
      const { conversationId } = entry;
      const inView = document.visibilityState === 'visible' && document.hasFocus();
      const isRead = inView && navigation.current().conversationId === conversationId;
      const info = client.conversation(conversationId).info.get();
      if (info === null || isMuted(info.settings, client.now())) return;
      if (!(await claimAlert(`${conversationId}:${String(entry.seq)}`, isRead)) || isRead) return;
      if (readAlertSettings().sound) ring();
      if (!inView) await notify(entry, info);
    };
    return client.onEntry((live) => {
      if (!live.own) void alert(live);
    });
  }, [client, navigation, notify, ring]);
}

/** Plays the sound, but not twice in a short time. */
function useRing(): () => void {
  const last = useRef(-Infinity);
  return useCallback(() => {
    const now = performance.now();
    if (now - last.current < QUIET) return;
    last.current = now;
    chime();
  }, []);
}

type Message = Extract<LiveEntry['entry'], { readonly kind: 'message' }>;

/** Shows a notification if they are enabled. */
function useNotify(): (entry: Message, info: ConversationSummary) => Promise<void> {
  const client = useClient();
  const navigation = useNavigation();
  const { previews } = useSelf().notifications;
  const { push } = useParts();
  return useCallback(
    async (entry, info) => {
      // A hidden page leaves notifications to push.
      const isPushed = push.get() === 'on' && document.visibilityState === 'hidden';
      if (!readAlertSettings().desktop || isPushed) return;
      const sender = await knownName(client, entry.senderId);
      const title =
        info.kind === 'group' ? `${isolate(sender)} · ${isolate(conversationName(info))}` : sender;
      const notification = new Notification(title, {
        body: previews ? shorten(contentText(entry), BODY_LENGTH) : texts.alerts.newMessage,
        tag: entry.conversationId,
        icon: '/favicon.svg',
      });
      const stop = client.onEntry(({ entry: later }) => {
        if (later.kind === 'deletion' && later.messageId === entry.id) notification.close();
      });
      notification.onclose = stop;
      notification.onclick = () => {
        window.focus();
        navigation.go({ conversationId: entry.conversationId, details: false, panel: null });
        notification.close();
      };
    },
    [client, navigation, previews, push],
  );
}
