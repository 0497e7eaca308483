import { Check, CheckCheck, CircleAlert, Clock3 } from 'lucide-react';

import { texts } from '../texts/index.ts';

export type TickState = 'saving' | 'sending' | 'sent' | 'delivered' | 'read' | 'failed';

const ICONS = {
  saving: Clock3,
  sending: Clock3,
  sent: Check,
  delivered: CheckCheck,
  read: CheckCheck,
  failed: CircleAlert,
} as const;

/** The state of an own message: a clock, one tick, two ticks, two accent-coloured ticks, or a red mark. */
export function Ticks({ state }: { readonly state: TickState }) {
  const Icon = ICONS[state];
  const label = texts.ticks[state];
  return (
    <span className={`ticks ticks-${state}`} role="img" aria-label={label} title={label}>
      <Icon size={Icon === Clock3 ? 13 : 16} aria-hidden />
    </span>
  );
}
