import { useEffect, useRef } from 'react';

import type { Panel, Route } from './route.ts';

/** What leads to a panel, named by its `data-opens`, where that is not the button of the settings. */
const OPENERS: Partial<Record<Panel, string>> = {
  new: 'new',
  group: 'new',
  archived: 'archived',
  partner: 'partner',
};

/** What should have the focus after one route gave way to another; `null`: it stays where it is. */
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

/** What opened a panel may be gone with what was done there; the settings lead to all of them. */
function settingsButton(selector: string): HTMLElement | null {
  if (!selector.startsWith('[data-opens')) return null;
  return document.querySelector<HTMLElement>('[data-opens="settings"]');
}

/** Gives the focus back to where a person came from, when what they looked at is closed. */
export function useReturnFocus(route: Route): void {
  const before = useRef(route);
  useEffect(() => {
    const selector = focusAfter(before.current, route);
    before.current = route;
    if (selector === null) return;
    // A list that was hidden is measured in the first frame and drawn in the second.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => {
        const found = document.querySelector<HTMLElement>(selector) ?? settingsButton(selector);
        found?.focus({ preventScroll: true });
      });
    });
    return () => cancelAnimationFrame(frame);
  }, [route]);
}
