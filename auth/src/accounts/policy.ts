import { imitatesOperator } from '@parley/common/lookalikes';

/** Usernames that suggest an operator of the server, or that mean something else in paths. */
const RESERVED = new Set(
  `abuse account accounts admin administrator administrators admins all anonymous api auth bff billing bot
  channel contact deleted docs everybody everyone group guest healthz help here hostmaster info internal
  login logout mail meta metrics moderator moderators mods news nobody noreply no-reply null official
  operator owner parley parley.app parley-app parley-bot parley-support parley-team password postmaster
  privacy readyz register robot root sales security server service session sessions settings signin signup
  socket.io staff status superuser support sysadmin sysop system team test undefined unknown user users
  webmaster www you`.split(/\s+/),
);

/** Whether a name (lower case) is reserved, or looks like one that an operator has. */
export function isReserved(username: string): boolean {
  return RESERVED.has(username) || imitatesOperator(username);
}
