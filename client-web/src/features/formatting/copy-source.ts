import type { ClipboardEvent } from 'react';

const WORDS = '.message-words';
const MARK = '.format-mark';

/** Copies the source of formatted messages, with their marks, in place of what the page shows of them. */
export function copySource(event: ClipboardEvent<HTMLElement>): void {
  const selection = getSelection();
  if (selection === null || selection.rangeCount === 0 || selection.isCollapsed) return;
  const range = selection.getRangeAt(0);
  const selected = [...event.currentTarget.querySelectorAll(WORDS)].filter((words) =>
    range.intersectsNode(words),
  );
  if (!selected.some((words) => words.querySelector(MARK) !== null)) return;
  event.preventDefault();
  const pieces = selected.map((words) => sourceWithin(words, range));
  event.clipboardData.setData('text/plain', pieces.join('\n'));
}

/** The source of the selected part. If all that is shown is selected, the outermost marks belong to it. */
function sourceWithin(words: Element, range: Range): string {
  const part = document.createRange();
  part.selectNodeContents(words);
  if (words.contains(range.startContainer)) part.setStart(range.startContainer, range.startOffset);
  if (words.contains(range.endContainer)) part.setEnd(range.endContainer, range.endOffset);
  const chosen = part.cloneContents();
  const isWhole = shownText(chosen) === shownText(words);
  return (isWhole ? words : chosen).textContent;
}

/** The text without its marks. */
function shownText(node: Element | DocumentFragment): string {
  const copy = node.cloneNode(true) as Element | DocumentFragment;
  for (const mark of copy.querySelectorAll(MARK)) mark.remove();
  return copy.textContent.trim();
}
