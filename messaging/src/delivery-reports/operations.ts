import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import type { MessagingContext } from '../transport/server/context.ts';
import type { DeliveryReporter } from './delivery-reporter.ts';

/** Handler of the operation that explains the delivery of a message. */
export function deliveryHandlers({
  deliveries,
}: {
  readonly deliveries: DeliveryReporter;
}): Pick<Handlers<Operations, MessagingContext>, 'message:delivery'> {
  return {
    'message:delivery': (input, { caller }) => deliveries.explain(input, caller.userId),
  };
}
