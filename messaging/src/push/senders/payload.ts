import { DAY, SECOND, utf8Bytes } from '@parley/common';
import type { BaseMessage } from 'firebase-admin/messaging';

import type { Push, PushContent } from '../ports.ts';

/** The largest payload that Firebase takes, in bytes. */
export const PAYLOAD_BYTES = 4_096;
/** Milliseconds for which a device that is off may still get a push. */
const LIFE = 7 * DAY;
/** Code points of a text that a notification shows at most. */
const SHOWN = 240;
const ELLIPSIS = '…';

/**
 * A push as Firebase takes it for its platform, with at most 4,096 bytes: what is shown is shortened by whole code
 * points until it fits. Only the part of the one platform is in it.
 */
export function toMessage({ content, platform }: Omit<Push, 'token' | 'deviceId'>): BaseMessage {
  const build = { android, ios, web }[platform];
  if (content.shown === undefined) return build(content);
  const { body, title } = content.shown;
  let room = SHOWN;
  for (;;) {
    const shown = { title: shorten(title, Math.min(room, 100)), body: shorten(body, room) };
    const message = build({ ...content, shown });
    if (room === 0 || utf8Bytes(JSON.stringify(message)) <= PAYLOAD_BYTES) return message;
    room = Math.floor(room / 2);
  }
}

/** The first `most` code points of a text, and that there is more where there is. */
export function shorten(text: string, most: number): string {
  const points = Array.from(text);
  return points.length <= most ? text : points.slice(0, most).join('') + ELLIPSIS;
}

function android({ data, shown, tag }: PushContent): BaseMessage {
  return {
    data: { ...data },
    android: {
      priority: shown === undefined ? 'normal' : 'high',
      collapseKey: tag,
      ttl: LIFE,
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
        // A background notification is collapsed by none that is shown.
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

/** Browsers show nothing by themselves: the page's worker does, and may see that somebody looks at a window of it. */
function web({ data, shown, tag }: PushContent): BaseMessage {
  return {
    data: { ...data, tag, ...shown },
    webpush: {
      headers: {
        Urgency: shown === undefined ? 'normal' : 'high',
        TTL: String(LIFE / SECOND),
        Topic: topicOf(tag),
      },
    },
  };
}

/** A topic of web push: at most 32 characters of the URL-safe alphabet (RFC 8030, section 5.4). */
function topicOf(tag: string): string {
  return tag.replace(/[^A-Za-z0-9_]/g, '').slice(0, 32);
}
