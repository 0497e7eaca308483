import type { Member } from '@parley/common/contract';

import { handleOf, personName } from './person-name.ts';

/**
 * The usernames, with @, of members whose names look like the name of another member. `readingOf` returns the same text
 * for names that look alike.
 */
export function lookalikesAmong(
  members: readonly Pick<Member, 'userId' | 'profile'>[],
  readingOf: (name: string) => string,
): ReadonlyMap<string, string> {
  const read = members
    .filter(({ profile }) => !profile.deleted)
    .map(({ userId, profile }) => {
      const name = personName(profile);
      // A name of signs alone, such as emoji, has no reading.
      return { userId, handle: handleOf(profile), reading: readingOf(name) || name };
    });
  const counts = new Map<string, number>();
  for (const { reading } of read) counts.set(reading, (counts.get(reading) ?? 0) + 1);
  const alike = read.filter(({ handle, reading }) => handle !== '' && counts.get(reading) !== 1);
  return new Map(alike.map(({ userId, handle }) => [userId, handle]));
}

const OPENING = ' (@';

/** A name followed by a username: "Ann (@ann2)". */
export const withHandle = (name: string, handle: string): string => `${name} (${handle})`;

/** The name alone, for its initials. */
export function withoutHandle(name: string): string {
  const end = name.lastIndexOf(OPENING);
  return end > 0 ? name.slice(0, end) : name;
}
