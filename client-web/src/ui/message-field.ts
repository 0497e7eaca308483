/** The message field of the open conversation; on touch devices the log, because a field would open the keyboard. */
export function messageField(): HTMLElement | null {
  const field = document.querySelector<HTMLElement>('.composer-field');
  return field !== null && mayTakeFocus(field) ? field : document.querySelector('[role=log]');
}

/** Focuses the message field once a conversation that is being opened is drawn. */
export function focusMessageFieldSoon(): void {
  requestAnimationFrame(() => messageField()?.focus({ preventScroll: true }));
}

/** Whether an element is visible and takes the focus without opening an on-screen keyboard. */
export function mayTakeFocus(element: HTMLElement): boolean {
  const opensKeyboard = element.matches('textarea, input:not([type=checkbox], [type=radio])');
  if (opensKeyboard && !matchMedia('(hover: hover)').matches) return false;
  return element.checkVisibility();
}
