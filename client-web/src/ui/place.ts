const MARGIN = 8;

/** Positions a popover below its anchor, or above it if there is no room, always inside the window. */
export function placeBeside(popover: HTMLElement, anchor: HTMLElement): void {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = at.bottom + 4;
  const top = below + height + MARGIN <= innerHeight ? below : at.top - height - 4;
  const rightToLeft = getComputedStyle(anchor).direction === 'rtl';
  const left = rightToLeft ? at.left : at.right - width;
  popover.style.top = `${Math.max(MARGIN, top)}px`;
  popover.style.left = `${Math.min(Math.max(MARGIN, left), innerWidth - width - MARGIN)}px`;
}
