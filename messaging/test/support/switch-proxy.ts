import { tcpRelay } from './tcp-relay.ts';

/** A TCP proxy that can be switched off and on, like a server that stops and starts again. */
export interface SwitchProxy {
  readonly port: number;
  /** Closes every connection and refuses new ones. */
  off(): void;
  on(): void;
  close(): Promise<void>;
}

/** Starts a proxy in front of a server on 127.0.0.1. */
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
