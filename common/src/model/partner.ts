import { z } from 'zod';

import { id, time } from './primitives.ts';
import { publicProfile } from './user.ts';

/** What a user says about itself; presence is measured, and neither changes the other. */
export const statusName = z.enum(['AVAILABLE', 'BUSY', 'OFFLINE']).meta({
  id: 'StatusName',
  description: 'What a user says about itself.',
});
export type StatusName = z.infer<typeof statusName>;

/** The status of a user. */
export const status = z
  .object({
    status: statusName,
    statusExpiration: time
      .nullable()
      .describe('When it becomes `AVAILABLE` by itself; `null`: it stays until it is changed.'),
    timestamp: time.describe(
      'The revision of the user: 0 before the first change. It strictly increases with every change of status, every link and every end of a link, so it tells old events from new ones.',
    ),
  })
  .meta({ id: 'Status', description: 'The status of a user.' });
export type Status = z.infer<typeof status>;

/** The one user whom a user is linked with. */
export const partner = publicProfile
  .extend({ ...status.shape, linkedAt: time })
  .meta({ id: 'Partner', description: 'The one user whom the caller is linked with.' });
export type Partner = z.infer<typeof partner>;

const partnerId = id.describe('The other user.');
const revision = time.describe(
  'Strictly increases per user, over changes of status, links and their ends.',
);

/** What changed about the partner. `timestamp` strictly increases per user, so a late event is recognised. */
export const partnerEvent = z
  .discriminatedUnion('type', [
    z
      .object({ type: z.literal('PARTNER_LINKED'), partnerId, timestamp: revision })
      .meta({ id: 'PartnerLinked', description: 'The two users are linked.' }),
    z
      .object({
        type: z.literal('PARTNER_STATUS_CHANGED'),
        partnerId,
        status: statusName,
        statusExpiration: time.nullable(),
        timestamp: revision,
      })
      .meta({ id: 'PartnerStatusChanged', description: 'The partner has another status.' }),
    z
      .object({ type: z.literal('PARTNER_UNLINKED'), partnerId, timestamp: revision })
      .meta({ id: 'PartnerUnlinked', description: 'The link has ended.' }),
  ])
  .meta({
    id: 'PartnerEvent',
    description:
      'What changed about the partner. A client drops an event whose `timestamp` is not later than what it knows of that user.',
  });
export type PartnerEvent = z.infer<typeof partnerEvent>;
