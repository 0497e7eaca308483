import type { MembersItem, TitleItem } from '@parley/client-common';

import { texts } from '../../texts/index.ts';

/** The own user id, and a function that returns the name of a user by id. */
export interface EventPeople {
  readonly selfId: string;
  readonly nameOf: (userId: string) => string;
}

/** Describes a conversation event in a sentence. */
export function eventText(item: MembersItem | TitleItem, people: EventPeople): string {
  const { timeline } = texts;
  const who = item.senderId === people.selfId ? timeline.youStart : people.nameOf(item.senderId);
  if (item.kind === 'title') return timeline.titled(who, item.title);

  const whom = texts.names(
    item.userIds
      .filter((userId) => userId !== item.senderId)
      .map((userId) => (userId === people.selfId ? timeline.you : people.nameOf(userId))),
  );
  switch (item.action) {
    case 'added':
      return item.seq === 1 || whom === '' ? timeline.created(who) : timeline.added(who, whom);
    case 'removed':
      return timeline.removed(who, whom);
    case 'left':
      return timeline.left(who);
    case 'role':
      return timeline.role[item.role ?? 'member'](who, whom);
  }
}
