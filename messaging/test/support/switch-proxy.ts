import { tcpRelay } from './tcp-relay.ts';

/** A TCP proxy that can be switched off and on, as a server that goes away and comes back. */
export interface SwitchProxy {
  readonly port: number;
  /** Cuts every connection and takes no new one. */
  off(): void;
  on(): void;
  close(): Promise<void>;
}

/** Stands in front of a server on 127.0.0.1. */
export async function switchProxy(targetPort: number): Promise<SwitchProxy> {
  let isOn = true;
  const relay = await tcpRelay({
    targetPort,
    join: (client, target) => client.pipe(target).pipe(client),
    accepts: () => isOn,
  });
  return {
    port: relay.port,
    off() {
      isOn = false;
      relay.cut();
    },
    on() {
      isOn = true;
    },
    close: () => relay.close(),
  };
}
