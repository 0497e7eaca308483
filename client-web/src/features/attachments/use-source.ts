import type { AttachmentVariant, MessageItem } from '@parley/client-common';
import { useCallback, useEffect, useRef, useState } from 'react';

import { useClient } from '../../client-context.ts';

/** Number of load attempts before a file counts as missing. */
const TRIES = 3;

/** The URL from which an element loads a file. */
export interface Source {
  /** `null` until it is known. */
  readonly url: string | null;
  readonly failed: boolean;
  /** Call when the element could not load the file: the link may have expired. */
  readonly onError: () => void;
}

/** A link to an attachment, renewed when it expires; nothing is requested while `id` is `null`. */
export function useLink(id: string | null, variant: AttachmentVariant = 'original'): Source {
  const { uploads } = useClient();
  const [url, setUrl] = useState<string | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (id === null || uploads === null || tries >= TRIES) return;
    let isOver = false;
    const ask = () =>
      uploads.url(id, variant).then(
        (link) => {
          if (!isOver) setUrl(tries === 0 ? link : `${link}#${String(tries)}`);
        },
        () => {
          if (!isOver) setTries(TRIES);
        },
      );
    void ask();
    return () => {
      isOver = true;
    };
  }, [id, variant, uploads, tries]);
  const onError = useCallback(() => setTries((count) => count + 1), []);
  return { url, failed: tries >= TRIES, onError };
}

/**
 * The local file of an own message while it is being uploaded and for as long as it stays on the
 * screen, so that nothing is downloaded that is already here.
 */
export function useOwnFile(item: MessageItem, conversationId: string): string | null {
  const { uploads } = useClient();
  const [url, setUrl] = useState<string | null>(null);
  const isPending = item.own && item.messageId === null;
  const held = useRef<string | null>(null);
  const { clientId } = item;
  useEffect(() => {
    if (!isPending || uploads === null || held.current !== null) return;
    let isOver = false;
    void uploads.file(conversationId, clientId).then((file) => {
      if (isOver || !(file instanceof Blob)) return;
      held.current = URL.createObjectURL(file);
      setUrl(held.current);
    });
    return () => {
      isOver = true;
    };
  }, [isPending, uploads, conversationId, clientId]);
  useEffect(
    () => () => {
      if (held.current !== null) URL.revokeObjectURL(held.current);
      held.current = null;
    },
    [],
  );
  return url;
}
