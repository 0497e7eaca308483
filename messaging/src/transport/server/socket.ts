import type { BlockedPair, VerifiedCaller } from '@parley/backend-common';
import type { AppState, ServerToClientEvents } from '@parley/common/contract';
import type { DefaultEventsMap, Server, Socket } from 'socket.io';

import type { EntryDocument } from '../../log/entry-document.ts';

/** What is known of a connection from its handshake on. */
export interface SocketData {
  caller: VerifiedCaller;
  /** Address of the client. */
  address: string;
  /** `heads`: the client compares heads and pulls by itself. `plain`: the server replays what it missed. */
  mode: 'heads' | 'plain';
  /** What the client said of itself; who has said nothing counts as in the foreground. */
  appState?: AppState;
}

/** What the services tell each other's nodes through Redis. Hints: any may be late, doubled or lost. */
export interface ClusterEvents {
  /** Entries that a node has committed. */
  entries: (documents: readonly EntryDocument[]) => void;
  /** People who may have come or gone. */
  'presence:changed': (userIds: readonly string[]) => void;
  /** Two people between whom a block began or ended. */
  'block:changed': (pair: BlockedPair) => void;
  /** Sessions that were ended; the auth service tells this. */
  'session:revoked': (sessionIds: readonly string[]) => void;
}

/** The Socket.IO server of a node. What clients send is typed by the contract, not here. */
export type SocketServer = Server<
  DefaultEventsMap,
  ServerToClientEvents,
  ClusterEvents,
  SocketData
>;

/** A client's connection to this node. */
export type ClientSocket = Socket<
  DefaultEventsMap,
  ServerToClientEvents,
  ClusterEvents,
  SocketData
>;
