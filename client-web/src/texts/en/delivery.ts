import type { PushReason } from '@parley/common/contract';

const reasons: Readonly<Record<PushReason, string>> = {
  waiting: 'Notification pending',
  muted: 'No notification: muted',
  no_device: 'No notification: no registered device',
  not_set_up: 'No notification: not set up on this server',
  failed: 'The notification failed',
};

/** Texts about the delivery of a message. */
export const delivery = {
  action: 'Message info',
  title: 'Message info',
  sent: (when: string) => `Sent ${when}`,
  read: (when: string) => `Read ${when}`,
  delivered: (when: string) => `Delivered ${when}`,
  pushed: (when: string) => `Notification sent ${when}`,
  pushedSometime: 'Notification sent',
  notYet: 'Not delivered yet',
  reasons,
  recipients: 'Recipients',
  counts: ({ delivered, read, of }: { delivered: number; read: number; of: number }) =>
    `Delivered to ${delivered} of ${of} · read by ${read}`,
  failed: 'The details could not be loaded.',
};
