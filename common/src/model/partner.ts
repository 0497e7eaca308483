import { z } from 'zod';

import { id, time } from './primitives.ts';
import { publicProfile } from './user.ts';

/** What a person says of itself; whether it is there is its presence, and neither changes the other. */
export const statusName = z.enum(['AVAILABLE', 'BUSY', 'OFFLINE']);
export type StatusName = z.infer<typeof statusName>;

/** A status as it stands. */
export const status = z.object({
  status: statusName,
  /** When it becomes AVAILABLE by itself. */
  statusExpiration: time.nullable(),
  /** When it was changed last, 0 if never; it strictly increases per person, and so tells old from new. */
  timestamp: time,
});
export type Status = z.infer<typeof status>;

/** The one person somebody is linked with. */
export const partner = publicProfile.extend({ ...status.shape, linkedAt: time });
export type Partner = z.infer<typeof partner>;

/** What one hears of one's partner. `timestamp` strictly increases per person: what comes late is known as late. */
export const partnerEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('PARTNER_LINKED'), partnerId: id, timestamp: time }),
  z.strictObject({
    type: z.literal('PARTNER_STATUS_CHANGED'),
    partnerId: id,
    status: statusName,
    statusExpiration: time.nullable(),
    timestamp: time,
  }),
  z.strictObject({ type: z.literal('PARTNER_UNLINKED'), partnerId: id, timestamp: time }),
]);
export type PartnerEvent = z.infer<typeof partnerEvent>;
