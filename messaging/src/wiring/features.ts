import type { FileStore } from '../attachments.ts';
import { createConversations, type Conversations } from '../conversations.ts';
import type { HintBus } from '../delivery/ports.ts';
import { localSockets } from '../transport/rooms/local-sockets.ts';
import { clusterChannel, noClusterChannel } from '../transport/cluster/cluster-channel.ts';
import { pageSender } from '../transport/rooms/page-sender.ts';
import { socketEvents } from '../transport/rooms/socket-events.ts';
import type { Foreground } from '../foreground/foreground-tracker.ts';
import type { PresenceService } from '../presence/service.ts';
import { TypingService } from '../typing/service.ts';
import { createBlocking } from './blocks.ts';
import type { Ground } from './ground.ts';
import { createNotifications, type Notifications } from './notifications.ts';
import type { Reach } from './nodes.ts';
import { createPartners, type Partners } from './partners.ts';
import { createPresence } from './presence.ts';
import { watchProfiles } from './profiles.ts';
import { preparePushes } from './pushes.ts';
import type { Sessions } from './sessions.ts';

/** What people do with each other. */
export interface Features extends Partners, Notifications {
  readonly conversations: Conversations;
  readonly presence: PresenceService;
  readonly typing: TypingService;
  readonly foreground: Foreground;
}

/** Puts together what carries out the operations. */
export async function createFeatures(
  ground: Ground,
  reach: Reach,
  sessions: Sessions,
): Promise<Features> {
  const { io, sockets: registry, tuning } = reach;
  const events = socketEvents(io);
  const pushes = preparePushes(ground, reach);
  const { followers, foreground } = pushes;
  const blocking = createBlocking(ground, reach);
  const blocks = blocking.policy;
  const conversations = createConversations({
    ...ground,
    followers,
    sockets: localSockets({ io, registry, tuning }),
    hints: entryHints(ground, reach),
    events,
    pages: pageSender(io, tuning),
    blocks,
    files: filesOf(ground),
  });
  const { delivery, entries, log, profiles } = conversations;
  reach.onReturn(() => {
    delivery.compareAll().catch((error: unknown) => {
      ground.onFault('Gates were not compared', error);
    });
  });
  watchProfiles(ground, { io, profiles });
  const around = { ...conversations, ...reach, ...sessions, pushes, blocks };
  const notifications = await createNotifications(ground, around);
  return {
    ...notifications,
    ...createPartners(ground, {
      ...{ events, profiles, blocking },
      onPartnerEvent: (addressed) => notifications.partnerPushes.schedule(addressed),
    }),
    conversations,
    foreground,
    presence: createPresence(ground, { ...reach, entries, profiles, blocks }),
    typing: new TypingService({ log, events, blocks, monotonic: () => performance.now() }),
  };
}

function filesOf({ config, imaging, objectStore: store }: Ground): FileStore {
  return { store, imaging, bytesPerDay: config.attachmentBytesPerDay };
}

function entryHints({ onFault }: Ground, { io, redis }: Reach): HintBus {
  if (redis === undefined) return noClusterChannel;
  return clusterChannel(io, 'entries', (error) =>
    onFault('Entries of another node could not be read', error),
  );
}
