import type { AttachmentVariant, MessageItem } from '@parley/client-common';
import { useCallback, useEffect, useRef, useState } from 'react';

import { useClient } from '../../client-context.ts';
import { codeOf } from '../../ui/error-text.ts';

/** Number of load attempts before a file counts as missing. */
const TRIES = 3;

/** The URL from which an element loads a file. */
export interface Source {
  /** `null` until it is known. */
  readonly url: string | null;
  readonly failed: boolean;
  /** Whether the server says that there is no such file; otherwise a failure may end. */
  readonly missing: boolean;
  /** Call when the element could not load the file: the link may have expired. */
  readonly onError: () => void;
}

/**
 * A link to an attachment, renewed when it expires; nothing is requested while `id` is `null`. What failed is tried
 * again after the next connection.
 */
export function useLink(id: string | null, variant: AttachmentVariant = 'original'): Source {
  const client = useClient();
  const { uploads } = client;
  const [url, setUrl] = useState<string | null>(null);
  const [tries, setTries] = useState(0);
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    if (id === null || uploads === null || tries >= TRIES) return;
    let isOver = false;
    const ask = () =>
      uploads.url(id, variant).then(
        (link) => {
          if (!isOver) setUrl(tries === 0 ? link : `${link}#${String(tries)}`);
        },
        (error: unknown) => {
          if (isOver) return;
          setTries(TRIES);
          setMissing(codeOf(error) === 'not_found');
        },
      );
    void ask();
    return () => {
      isOver = true;
    };
  }, [id, variant, uploads, tries]);
  const failed = tries >= TRIES;
  const mayEnd = failed && !missing;
  useEffect(
    () => (mayEnd ? client.onEvent('ready', () => setTries(0)) : undefined),
    [client, mayEnd],
  );
  const onError = useCallback(() => setTries((count) => count + 1), []);
  return { url, failed, missing, onError };
}

/** A link to a variant of a picture (`null`: nothing yet), or to the original if it has no thumbnail. */
export function usePictureLink(id: string | null, variant: AttachmentVariant | null): Source {
  const thumbnail = useLink(variant === 'thumbnail' ? id : null, 'thumbnail');
  const wantsOriginal = variant === 'original' || thumbnail.missing;
  const original = useLink(wantsOriginal ? id : null);
  return wantsOriginal ? original : thumbnail;
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
