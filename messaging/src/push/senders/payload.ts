import { DAY, SECOND, shorten, utf8Bytes } from '@parley/common';
import type { BaseMessage } from 'firebase-admin/messaging';

import type { Push, PushContent } from '../ports.ts';

/** The largest payload that Firebase accepts, in bytes. */
export const PAYLOAD_BYTES = 4_096;
/** Milliseconds for which Firebase keeps a push for a device that is offline. */
const TIME_TO_LIVE = 7 * DAY;
/** Most UTF-16 code units of a title and of a text in a notification. */
const TITLE_LENGTH = 100;
const BODY_LENGTH = 240;

/**
 * The message for Firebase, with the part of one platform and at most 4,096 bytes: title and body are shortened, by what
 * a reader sees as whole characters, until it fits.
 */
export function toMessage({ content, platform }: Omit<Push, 'token' | 'deviceId'>): BaseMessage {
  const build = { android, ios, web }[platform];
  if (content.shown === undefined) return build(content);
  const { body, title } = content.shown;
  let length = BODY_LENGTH;
  for (;;) {
    const shown = {
      title: shorten(title, Math.min(length, TITLE_LENGTH)),
      body: shorten(body, length),
    };
    const message = build({ ...content, shown });
    if (length === 0 || utf8Bytes(JSON.stringify(message)) <= PAYLOAD_BYTES) return message;
    length = Math.floor(length / 2);
  }
}

function android({ data, shown, tag }: PushContent): BaseMessage {
  return {
    data: { ...data },
    android: {
      priority: shown === undefined ? 'normal' : 'high',
      collapseKey: tag,
      ttl: TIME_TO_LIVE,
      ...(shown === undefined
        ? {}
        : { notification: { ...shown, tag, channelId: 'messages', defaultSound: true } }),
    },
  };
}

function ios({ data, shown, tag }: PushContent): BaseMessage {
  const quiet = shown === undefined;
  return {
    data: { ...data },
    apns: {
      headers: {
        'apns-push-type': quiet ? 'background' : 'alert',
        'apns-priority': quiet ? '5' : '10',
        // Without an id, a silent push does not replace a notification that is shown.
        ...(quiet ? {} : { 'apns-collapse-id': tag }),
      },
      payload: {
        aps: quiet
          ? { contentAvailable: true }
          : { alert: shown, sound: 'default', threadId: tag, mutableContent: true },
      },
    },
  };
}

/** The page's service worker shows the notification, because it knows whether a window of the app is in the foreground. */
function web({ data, shown, tag }: PushContent): BaseMessage {
  return {
    data: { ...data, tag, ...shown },
    webpush: {
      headers: {
        Urgency: shown === undefined ? 'normal' : 'high',
        TTL: String(TIME_TO_LIVE / SECOND),
        Topic: topicOf(tag),
      },
    },
  };
}

/** A topic of web push has at most 32 characters of the URL-safe alphabet (RFC 8030, section 5.4). */
function topicOf(tag: string): string {
  return tag.replace(/[^A-Za-z0-9_]/g, '').slice(0, 32);
}
