import { useEffect, useRef } from 'react';

import type { Panel, Route } from './route.ts';

/** `data-opens` values of the elements that open a panel, for panels not opened by the settings button. */
const OPENERS: Partial<Record<Panel, string>> = {
  new: 'new',
  group: 'new',
  archived: 'archived',
  partner: 'partner',
};

/** The element to focus after a route change; `null` leaves the focus where it is. */
export function focusAfter(before: Route, after: Route): string | null {
  if (
    before.panel !== null &&
    after.panel === null &&
    after.conversationId === before.conversationId
  ) {
    return `[data-opens="${OPENERS[before.panel] ?? 'settings'}"]`;
  }
  if (before.panel !== null && after.panel === 'settings') return `[data-opens="${before.panel}"]`;
  if (before.details && !after.details && after.conversationId === before.conversationId) {
    return '[data-opens="details"]';
  }
  if (before.conversationId !== null && after.conversationId === null) {
    return `[data-conversation="${before.conversationId}"]`;
  }
  return null;
}

/** Falls back to the settings button, which leads to every panel, if the opener no longer exists. */
function settingsButton(selector: string): HTMLElement | null {
  if (!selector.startsWith('[data-opens')) return null;
  return document.querySelector<HTMLElement>('[data-opens="settings"]');
}

/** Restores the focus to the opener when a view closes. */
export function useReturnFocus(route: Route): void {
  const before = useRef(route);
  useEffect(() => {
    const selector = focusAfter(before.current, route);
    before.current = route;
    if (selector === null) return;
    const focused = document.activeElement;
    // A list that was hidden is measured in the first frame and drawn in the second.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => {
        const now = document.activeElement;
        // The user has moved the focus since the view closed.
        if (now !== focused && now !== document.body) return;
        const found = document.querySelector<HTMLElement>(selector) ?? settingsButton(selector);
        found?.focus({ preventScroll: true });
      });
    });
    return () => cancelAnimationFrame(frame);
  }, [route]);
}
