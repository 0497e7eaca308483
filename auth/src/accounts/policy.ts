import { imitatesOperator } from '@parley/common/lookalikes';

/**
 * Usernames that suggest an operator of the server or a mailbox of one (RFC 2142), or that mean something else in paths.
 * Names of roles that nobody may imitate are in `imitatesOperator`, because they are refused as display names too.
 */
const RESERVED = new Set(
  `about abuse account accounts admin administrator administrators admins all anonymous api auth autoconfig
  autodiscover bff billing bot broadcasthost careers channel compliance contact deleted dns docs everybody everyone
  feedback fraud ftp group guest healthz help here hostmaster imap info internal jobs legal localhost login logout mail
  marketing meta metrics moderator moderators mods news nobody noc noreply null official operator owner parley parley.app
  parley-bot parley-support parley-team password pop3 postmaster press privacy readyz register report robot root safety
  sales security server service session sessions settings signin signup smtp socket.io ssl staff status superuser
  support sysadmin sysop system team terms test trust undefined unknown usenet user users uucp webmaster wpad www
  you`
    .split(/\s+/)
    .map(squeezed),
);

/** Whether a name (lower case) is reserved, however it is separated, or looks like one that an operator has. */
export function isReserved(username: string): boolean {
  return RESERVED.has(squeezed(username)) || imitatesOperator(username);
}

function squeezed(username: string): string {
  return username.replaceAll(/[._-]/g, '');
}
