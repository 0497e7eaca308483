import type { PageReceipt, PageSender, SentPage } from '../../sync/ports.ts';
import type { ClientSocket, SocketServer } from '../server/socket.ts';
import type { Tuning } from '../tuning/tuning.ts';

/** Milliseconds between checks whether the network has taken a page that nobody acknowledged. */
const CHECK_EVERY = 250;

/** Sends the pages of a replay. */
export function pageSender(
  io: Pick<SocketServer, 'sockets'>,
  { pagePayload }: Pick<Tuning, 'pagePayload'>,
): PageSender {
  const { sockets } = io.sockets;
  return {
    send({ id }, page, patience) {
      const socket = sockets.get(id);
      if (socket === undefined) return Promise.resolve('disconnected');
      return new Promise((resolve) => {
        const finish = (receipt: PageReceipt) => () => {
          clearTimeout(timer);
          socket.off('disconnect', onDisconnect);
          resolve(receipt);
        };
        const onDisconnect = finish('disconnected');
        const onTimeout = () => {
          // A client that does not read gets no further page; it is cut in the end.
          if (isWaiting(socket)) timer = setTimeout(onTimeout, CHECK_EVERY);
          else finish('unacknowledged')();
        };
        let timer = setTimeout(onTimeout, patience);
        socket.once('disconnect', onDisconnect);
        socket.emit('sync:page', pagePayload(textOf(page)), finish('acknowledged'));
      });
    },
    done({ id }) {
      sockets.get(id)?.emit('sync:done', {});
    },
  };
}

/** Whether the network has not taken everything that was sent to a socket. */
function isWaiting({ conn }: ClientSocket): boolean {
  return conn.request.socket.writableLength > 0;
}

function textOf({ conversationId, entries, hasMore }: SentPage): string {
  return `{"conversationId":${JSON.stringify(conversationId)},"entries":${entries},"hasMore":${hasMore}}`;
}
