import { LIMITS } from '@parley/common';

import type { PageSender, SentPage } from '../../sync/ports.ts';
import type { SocketServer } from '../server/socket.ts';
import type { Tuning } from '../tuning/tuning.ts';

/** Sends the pages of a replay. `send` resolves when the client acknowledges, and rejects when the connection ends. */
export function pageSender(
  io: SocketServer,
  { pagePayload }: Pick<Tuning, 'pagePayload'>,
): PageSender {
  const { sockets } = io.sockets;
  return {
    send({ id }, page) {
      const socket = sockets.get(id);
      if (socket === undefined) return Promise.reject(new Error('The connection has ended'));
      return new Promise((resolve, reject) => {
        const finish = (settle: () => void) => () => {
          clearTimeout(timer);
          socket.off('disconnect', onDisconnect);
          settle();
        };
        const onDisconnect = finish(() => reject(new Error('The connection has ended')));
        const onTimeout = finish(() => reject(new Error('A page was not acknowledged in time')));
        const timer = setTimeout(onTimeout, LIMITS.replayPageAck);
        socket.once('disconnect', onDisconnect);
        socket.emit('sync:page', pagePayload(textOf(page)), finish(resolve));
      });
    },
    done({ id }) {
      sockets.get(id)?.emit('sync:done', {});
    },
  };
}

function textOf({ conversationId, entries, hasMore }: SentPage): string {
  return `{"conversationId":${JSON.stringify(conversationId)},"entries":${entries},"hasMore":${hasMore}}`;
}
