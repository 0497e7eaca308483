import type { Page } from 'playwright-core';

/** A message as it is drawn. */
export interface SeenMessage {
  /** `<sender id>:<client id>`. */
  readonly key: string;
  readonly text: string;
  readonly isDeleted: boolean;
  readonly hasFile: boolean;
  /** "Sending", "Sent", "Delivered", "Read", "Not sent", or nothing. */
  readonly tick: string;
}

/** A row of the conversation list. */
export interface SeenRow {
  readonly id: string;
  readonly unread: number;
  readonly isMarked: boolean;
}

/** What a page shows at one moment. */
export interface PageView {
  readonly conversationId: string | null;
  readonly panel: string | null;
  /** A tab behind another one. In Chromium all tabs of a script have the focus. */
  readonly isBehind: boolean;
  /** The element that has the focus, as a selector-like text; `body` if none has it. */
  readonly focus: string;
  /** Whether an element of the signed-in app has or had the focus. */
  readonly hadFocus: boolean;
  /** The text in the message field; `null` if there is no field. */
  readonly draft: string | null;
  readonly messages: readonly SeenMessage[];
  /** Whether the log is drawn and ends with the newest message. */
  readonly isAtEnd: boolean;
  /** Whether the messages are on the screen: a narrow window shows one pane. */
  readonly showsLog: boolean;
  /** The unread line, with the key of the message below it. */
  readonly line: { readonly before: string | null } | null;
  /** `null` while the list is not on the screen. */
  readonly rows: readonly SeenRow[] | null;
  readonly heading: string;
  readonly typing: string;
  readonly title: string;
}

/** Reads a page in one step, so that all values are of the same moment. */
export function viewOf(page: Page): Promise<PageView> {
  return page.evaluate(() => {
    const all = (selector: string, from: ParentNode = document) => [
      ...from.querySelectorAll<HTMLElement>(selector),
    ];
    const one = (selector: string) => document.querySelector<HTMLElement>(selector);
    const active = document.activeElement;
    const log = one('[role=log]');
    const order = (row: HTMLElement) => Number(row.dataset['index'] ?? 0);
    const rows = all('.timeline-row').sort((a, b) => order(a) - order(b));
    const articles = rows.flatMap((row) => all('[role=article]', row));
    const lineAt = rows.findIndex((row) => row.querySelector('.unread-row') !== null);
    const below = rows.slice(lineAt + 1).flatMap((row) => all('[role=article]', row));
    const list = one('.list-scroll');
    const path = location.pathname.split('/');
    return {
      conversationId: path[1] === 'c' ? (path[2] ?? null) : null,
      panel: new URLSearchParams(location.search).get('panel'),
      isBehind: !document.hasFocus(),
      focus:
        active === null || active === document.body
          ? 'body'
          : `${active.localName}.${active.getAttribute('class') ?? ''} ${active.ariaLabel ?? ''}`.trim(),
      hadFocus:
        one('.shell') !== null &&
        one('.shell') === (globalThis as { shellWithFocus?: unknown }).shellWithFocus,
      draft: document.querySelector<HTMLTextAreaElement>('.composer-field')?.value ?? null,
      messages: articles.map((article) => ({
        key: article.dataset['message'] ?? '',
        text: all('.message-words', article)
          .map((words) => words.textContent)
          .join(''),
        isDeleted: article.querySelector('.bubble-deleted') !== null,
        hasFile: article.querySelector('.media, .file-card, .sound') !== null,
        tick: all('.bubble-meta [role=img]', article)
          .map((tick) => tick.ariaLabel)
          .join(''),
      })),
      isAtEnd: log !== null && log.scrollHeight - log.scrollTop - log.clientHeight <= 48,
      showsLog: log?.checkVisibility() === true,
      line: lineAt === -1 ? null : { before: below[0]?.dataset['message'] ?? null },
      rows:
        list?.checkVisibility() !== true
          ? null
          : all('.list-item', list).map((row) => ({
              id:
                row.querySelector<HTMLElement>('[data-conversation]')?.dataset['conversation'] ??
                '',
              unread: parseInt(row.querySelector('.badge [aria-hidden]')?.textContent ?? '0'),
              isMarked: row.querySelector('.badge-dot') !== null,
            })),
      heading: one('.conversation-name')?.textContent ?? '',
      typing: one('.conversation-status.is-typing')?.textContent ?? '',
      title: document.title,
    };
  });
}
