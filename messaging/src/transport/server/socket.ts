import type { VerifiedCaller } from '@parley/backend-common';
import type { BlockedPair } from '@parley/backend-common/domain';
import type { AppState, ServerToClientEvents } from '@parley/common/contract';
import type { DefaultEventsMap, Server, Socket } from 'socket.io';

import type { EntryDocument } from '../../log/entry-document.ts';
import type { ForwardAnswer, ForwardedBatch } from '../../log/forwarding/ports.ts';

/** What the handshake found out about a connection. */
export interface SocketData {
  caller: VerifiedCaller;
  /** Address of the client. */
  address: string;
  /** `heads`: the client compares heads and requests what it lacks. `plain`: the server replays what it missed. */
  mode: 'heads' | 'plain';
  /** As the client reported it; absent: it counts as in the foreground. */
  appState?: AppState;
}

/** Cluster events, which nodes and services publish through Redis. Each may be late, duplicated or lost. */
export interface ClusterEvents {
  /** Entries that a node committed. */
  entries: (documents: readonly EntryDocument[]) => void;
  /** Entries that a node forwards to the node that is to write them. */
  'entries:forwarded': (batch: ForwardedBatch) => void;
  /** What became of forwarded entries that were not written. */
  'entries:answered': (answer: ForwardAnswer) => void;
  /** Users whose presence may have changed. */
  'presence:changed': (userIds: readonly string[]) => void;
  /** Two users between whom a block began or ended. */
  'block:changed': (pair: BlockedPair) => void;
  /** Sessions that were revoked; the auth service publishes this. */
  'session:revoked': (sessionIds: readonly string[]) => void;
}

/** The Socket.IO server of a node. The contract types what clients send, so it is untyped here. */
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
