import { AppError } from '@parley/common';
import type { EventPayload, OperationName, Status } from '@parley/common/contract';

import type { Done, Operation, SentEvent } from './operations.ts';
import type { World } from './world.ts';

type PartnerOperation = Extract<OperationName, `${'status' | 'link' | 'partner'}:${string}`>;

/** The operations on statuses and links. */
export const partnerOperations: Record<PartnerOperation, Operation> = {
  'status:get': ({ partners }, _input, userId) => ({ data: partners.status(userId) }),
  'status:set': ({ partners }, input, userId) => {
    const { status, statusExpiration } = input as unknown as Status;
    const events = partners.say(userId, status, statusExpiration);
    return { data: partners.status(userId), events };
  },
  'link:create': ({ partners, now }, _input, userId) => {
    if (partners.partners.has(userId)) throw new AppError('already_linked');
    const linkCode = `7K3M-Q9T${partners.codes.size + 2}`;
    partners.codes.set(linkCode, userId);
    return { data: { linkCode, expiresAt: now() + 600_000 } };
  },
  'link:confirm': ({ partners }, input, userId) => {
    const linkCode = input['linkCode'] as unknown as string;
    const other = partners.codes.get(linkCode);
    if (other === undefined) throw new AppError('link_code_invalid');
    const events = partners.link(other, userId);
    partners.codes.delete(linkCode);
    return { data: partners.partner(userId), events };
  },
  'partner:get': ({ partners }, _input, userId) => ({ data: partners.partner(userId) }),
  'partner:unlink': ({ partners }, _input, userId) => ({
    data: {},
    events: partners.unlink(userId),
  }),
};

type BlockOperation = Extract<OperationName, `block:${string}`>;

/** The operations on blocks; they change nothing else here. */
export const blockOperations: Record<BlockOperation, Operation> = {
  'block:list': ({ partners }, _input, userId) => {
    const blocks = [...(partners.blocks.get(userId) ?? [])];
    return { data: { blocks: blocks.map((id) => ({ userId: id, blockedAt: 1 })) } };
  },
  'block:add': ({ partners }, input, userId) => {
    const blocked = partners.blocks.get(userId) ?? new Set();
    const other = input['userId'] as unknown as string;
    partners.blocks.set(userId, blocked.add(other));
    return { data: {}, events: [blockEvent(userId, { userId: other, blocked: true })] };
  },
  'block:remove': ({ partners }, input, userId) => {
    const other = input['userId'] as unknown as string;
    partners.blocks.get(userId)?.delete(other);
    return { data: {}, events: [blockEvent(userId, { userId: other, blocked: false })] };
  },
};

function blockEvent(userId: string, payload: EventPayload<'block'>): SentEvent {
  return { userIds: [userId], event: 'block', payload };
}

type DeviceOperation = Extract<
  OperationName,
  `device:${string}` | 'app:state' | 'message:delivery'
>;

/** The operations on devices and deliveries. */
export const deviceOperations: Record<DeviceOperation, Operation> = {
  'device:register': ({ partners, newId }, input, userId) => {
    const { token, platform } = input as unknown as { token: string; platform: string };
    partners.devices.set(userId, { token });
    return { data: { id: newId(), platform, createdAt: 1 } };
  },
  'device:remove': ({ partners }, _input, userId) => {
    partners.devices.delete(userId);
    return { data: {} };
  },
  'app:state': () => ({ data: {} }),
  'message:delivery': (world, input, userId): Done => {
    const { conversationId, messageId } = input as Record<string, string>;
    const conversation = world.conversations.get(conversationId ?? '');
    const message = conversation?.entries.find(({ id }) => id === messageId);
    if (!conversation || message?.senderId !== userId) throw new AppError('forbidden');
    const memberships = [...conversation.memberships].filter(([id]) => id !== userId);
    const at = (seq: number) => (seq >= message.seq ? world.now() : null);
    const recipients = memberships.map(([id, { deliveredSeq, readSeq }]) => {
      const isThere = deliveredSeq >= message.seq;
      const reason = isThere ? null : partnersReason(world, id);
      const push = 'none';
      const times = { deliveredAt: at(deliveredSeq), readAt: at(readSeq), pushedAt: null };
      return { userId: id, ...times, push, reason };
    });
    const of = recipients.length;
    const delivered = recipients.filter(({ deliveredAt }) => deliveredAt !== null).length;
    const read = recipients.filter(({ readAt }) => readAt !== null).length;
    return { data: { stored: message.at, recipients, counts: { delivered, read, of } } };
  },
};

function partnersReason({ partners }: World, userId: string) {
  return partners.devices.has(userId) ? 'waiting' : 'no_device';
}
