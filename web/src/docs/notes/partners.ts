import { LIMITS } from '@parley/common';
import type { Operations } from '@parley/common/contract';

import { AT, partner, status } from './examples.ts';
import type { Notes } from './notes.ts';

type PartnerNotes = Pick<
  Notes<Operations>,
  `status:${'get' | 'set'}` | `link:${'create' | 'confirm'}` | `partner:${'get' | 'unlink'}`
>;

const MINUTES = 60_000;

/** Notes on the operations on the own status and the partner. */
export const partnerNotes: PartnerNotes = {
  'status:get': {
    description:
      'What the person says of itself. Whether it is there is its presence; neither changes the other.',
    errors: [],
    input: {},
    output: status,
  },
  'status:set': {
    description:
      "The partner's devices are told by the event `partner`, the own ones by the event `status`, the asking one included. When its time is over the server makes it AVAILABLE and tells the same.",
    errors: [],
    fields: {
      statusExpiration: `When it ends by itself: ${LIMITS.statusEndsMin / 1_000} s to ${LIMITS.statusEndsMax / (24 * 60 * MINUTES)} days ahead. Absent or \`null\`: it stays, as AVAILABLE always does.`,
    },
    input: { status: 'BUSY', statusExpiration: AT + 60 * MINUTES },
    output: status,
  },
  'link:create': {
    description: `A code of eight letters and digits to be read out, shown as XXXX-XXXX. It is good once, for ${LIMITS.linkCode / MINUTES} minutes; a new one ends the one before.`,
    errors: ['already_linked'],
    input: {},
    output: { linkCode: '7K3M-Q9TX', expiresAt: AT + LIMITS.linkCode },
  },
  'link:confirm': {
    description:
      'Links the two in one step; of several who confirm at once one becomes the partner. `link_code_invalid` is every code that does not lead there: wrong, of the wrong form, used, too late, the own one, or of somebody who cannot be linked with.',
    errors: ['link_code_invalid', 'already_linked', 'rate_limited'],
    fields: { linkCode: 'Case, hyphens and spaces do not matter.' },
    limits: `Wrong codes: ${LIMITS.linkGuessesPerUser} an hour a person and ${LIMITS.linkGuessesPerAddress} an address, over all nodes. Beyond it \`rate_limited\`, for right ones too.`,
    input: { linkCode: '7k3m-q9tx' },
    output: partner,
  },
  'partner:get': {
    description:
      'The partner as things stand. A client asks after every `ready`: events that it missed are not told again.',
    errors: ['not_found'],
    input: {},
    output: partner,
  },
  'partner:unlink': {
    description: 'For both. Either may do it, and both are told by the event `partner`.',
    errors: ['not_found'],
    input: {},
    output: {},
  },
};
