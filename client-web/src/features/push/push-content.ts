/** What the worker does on a push message. */
export type PushAction =
  /** Shows a notification that replaces the one with the same tag. */
  | {
      readonly kind: 'show';
      readonly tag: string;
      readonly title: string;
      readonly body: string;
      /** The address that a click opens. */
      readonly path: string;
    }
  /** Removes a notification whose messages were read elsewhere. */
  | { readonly kind: 'close'; readonly tag: string }
  | { readonly kind: 'ignore' };

const ID = /^[0-9a-f-]{36}$/;

/** Parses the payload that Firebase delivers to a browser: `{data: {…}}`, every value a string. */
export function readPush(payload: unknown): PushAction {
  const data = fieldsOf((payload as { readonly data?: unknown } | null)?.data);
  const { type, tag, title, body, conversationId } = data;
  if (type === 'read' && tag !== undefined) return { kind: 'close', tag };
  if (tag === undefined || title === undefined) return { kind: 'ignore' };
  return { kind: 'show', tag, title, body: body ?? '', path: pathOf(type, conversationId) };
}

/** An address inside the app, whatever the payload contains. */
function pathOf(type: string | undefined, conversationId: string | undefined): string {
  if (type === 'partner') return '/?panel=partner';
  return conversationId !== undefined && ID.test(conversationId) ? `/c/${conversationId}` : '/';
}

function fieldsOf(data: unknown): Partial<Record<string, string>> {
  if (typeof data !== 'object' || data === null) return {};
  return Object.fromEntries(Object.entries(data).filter(([, value]) => typeof value === 'string'));
}
