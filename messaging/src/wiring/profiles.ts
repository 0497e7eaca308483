import type { ProfileReader } from '@parley/backend-common/domain';

import { RoomRepository } from '../delivery/room-repository.ts';
import type { SocketServer } from '../transport/server/socket.ts';
import { conversationRoom } from '../transport/rooms/names.ts';
import { ProfileNews } from '../profiles/profile-news.ts';
import type { Ground } from './ground.ts';

/** Has the sockets of this node told of profiles that change. */
export function watchProfiles(
  { logger, metrics, mongo, now, resources }: Ground,
  { io, profiles }: { readonly io: SocketServer; readonly profiles: ProfileReader },
): void {
  const told = metrics.counter('parley_profiles_told_total', 'Changed profiles that were told');
  const news = new ProfileNews({
    profiles,
    rooms: new RoomRepository(mongo.db),
    tell(conversationIds, profile) {
      // To no room would mean to everybody.
      if (conversationIds.length === 0) return;
      io.local.to(conversationIds.map(conversationRoom)).emit('profile', profile);
      told.inc();
    },
    now,
    logger,
  });
  news.start();
  resources.defer('changed profiles', () => news.stop());
}
