import { LIMITS } from '@parley/common';

import type { PageSender } from '../sync/replay.ts';
import type { GatewayServer } from './gateway-socket.ts';

/** Sends pages of a replay; each waits for the client's acknowledgement. */
export function pageSender(io: GatewayServer): PageSender {
  return {
    async send({ id }, page) {
      const socket = io.sockets.sockets.get(id);
      if (socket === undefined) throw new Error('The socket has gone');
      await socket.timeout(LIMITS.replayPageAck).emitWithAck('sync:page', page);
    },
    done({ id }) {
      io.sockets.sockets.get(id)?.emit('sync:done', {});
    },
  };
}
