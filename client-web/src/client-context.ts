import type { Client, ConversationHandle, Readable } from '@parley/client-common';
import { createContext, use, useCallback, useRef, useSyncExternalStore } from 'react';

export const ClientContext = createContext<Client | null>(null);

/** The client of the signed-in user. */
export function useClient(): Client {
  const client = use(ClientContext);
  if (client === null) throw new Error('No ClientContext around this component');
  return client;
}

/** The current value of a `Readable`; the component re-renders when it changes. */
export function useReadable<T>(readable: Readable<T>): T {
  return useSyncExternalStore(readable.subscribe, readable.get, readable.get);
}

/** The handle of a conversation: the same object for the same id. */
export function useHandle(conversationId: string): ConversationHandle {
  return useClient().conversation(conversationId);
}

/** The current values of several `Readable`s; the same array until one of them changes. */
export function useReadables<T>(readables: readonly Readable<T>[]): readonly T[] {
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = readables.map((readable) => readable.subscribe(listener));
      return () => {
        for (const stop of stops) stop();
      };
    },
    [readables],
  );
  const last = useRef<readonly T[]>([]);
  const get = useCallback(() => {
    const now = readables.map((readable) => readable.get());
    const same =
      now.length === last.current.length && now.every((value, at) => value === last.current[at]);
    if (!same) last.current = now;
    return last.current;
  }, [readables]);
  return useSyncExternalStore(subscribe, get, get);
}
