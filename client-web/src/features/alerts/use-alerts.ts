import type { LiveEntry } from '@parley/client-common';
import { useEffect } from 'react';

import { useClient, useReadable } from '../../client-context.ts';
import { useParts } from '../../parts.ts';
import { useNavigation, useSelf } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { contentText } from '../attachments/attachment-text.ts';
import { isMuted } from '../conversations/mute.ts';
import { conversationName, personName } from '../people/person-name.ts';
import { readAlertSettings } from './alert-settings.ts';
import { chime } from './chime.ts';

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

/** Plays a sound and shows a notification, if enabled, when a message arrives while the page is not in view. */
export function useAlerts(): void {
  const client = useClient();
  const navigation = useNavigation();
  const { previews } = useSelf().notifications;
  const { push } = useParts();
  useEffect(() => {
    return client.onEntry(({ entry, own }: LiveEntry) => {
      if (own || entry.kind !== 'message') return;
      if (document.visibilityState === 'visible' && document.hasFocus()) return;
      const info = client.conversation(entry.conversationId).info.get();
      if (info === null || isMuted(info.settings, client.now())) return;

      const settings = readAlertSettings();
      if (settings.sound) chime();
      // A hidden page leaves notifications to push.
      const isPushed = push.get() === 'on' && document.visibilityState === 'hidden';
      if (!settings.desktop || isPushed) return;
      const sender = personName(client.profile(entry.senderId).get());
      const title = info.kind === 'group' ? `${sender} · ${conversationName(info)}` : sender;
      const notification = new Notification(title, {
        body: previews ? contentText(entry) : texts.alerts.newMessage,
        tag: entry.conversationId,
        icon: '/favicon.svg',
      });
      notification.onclick = () => {
        window.focus();
        navigation.go({ conversationId: entry.conversationId, details: false, panel: null });
        notification.close();
      };
    });
  }, [client, navigation, previews, push]);
}
