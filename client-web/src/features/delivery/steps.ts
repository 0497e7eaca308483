import type { RecipientDelivery } from '@parley/common/contract';

import { texts } from '../../texts/index.ts';
import { agoText, type TimeStyle } from '../../ui/time-text.ts';

/** A delivery event of a message for one recipient, or the reason why there was none. */
export interface Step {
  readonly kind: 'read' | 'delivered' | 'waiting' | 'push';
  readonly text: string;
}

/** The delivery events of a message for one recipient, latest first. */
export function stepsOf(
  { deliveredAt, readAt, push, pushedAt, reason }: RecipientDelivery,
  now: number,
  style: TimeStyle = {},
): readonly Step[] {
  const { delivery } = texts;
  const ago = (at: number) => agoText(at, now, style);
  const steps: Step[] = [];
  if (readAt !== null) steps.push({ kind: 'read', text: delivery.read(ago(readAt)) });
  if (deliveredAt !== null) {
    steps.push({ kind: 'delivered', text: delivery.delivered(ago(deliveredAt)) });
  } else steps.push({ kind: 'waiting', text: delivery.notYet });
  if (push === 'sent') {
    const text = pushedAt === null ? delivery.pushedSometime : delivery.pushed(ago(pushedAt));
    steps.push({ kind: 'push', text });
  } else if (reason !== null && deliveredAt === null) {
    steps.push({ kind: 'push', text: delivery.reasons[reason] });
  }
  return steps;
}
