import { ArrowLeft, ChevronRight } from 'lucide-react';
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useEffectEvent,
  useId,
  useRef,
  useState,
} from 'react';

import { IconButton } from './button.tsx';
import { placeBeside } from './place.ts';

export interface MenuItem {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly danger?: boolean;
  readonly onSelect?: () => void;
  /** Choices that replace the menu's items when this one is chosen. */
  readonly items?: readonly MenuItem[];
}

export interface MenuProps {
  /** The accessible name of the button and of the menu. */
  readonly label: string;
  readonly icon: ReactNode;
  readonly items: readonly MenuItem[];
  readonly className?: string;
  readonly tabIndex?: number;
}

/** A button that opens a list of actions. The list is in the top layer, so nothing clips it. */
export function Menu({ label, icon, items, ...rest }: MenuProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  return (
    <>
      <IconButton
        ref={button}
        label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        {...rest}
        // A mouse leaves the focus where it is, for example in the message field, which gets it back.
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => setOpen((now) => !now)}
      >
        {icon}
      </IconButton>
      {open && (
        <MenuList
          id={id}
          label={label}
          items={items}
          anchor={button}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

interface MenuListProps {
  readonly id: string;
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly anchor: React.RefObject<HTMLButtonElement | null>;
  readonly onClose: () => void;
}

function MenuList({ id, label, items, anchor, onClose }: MenuListProps) {
  const list = useRef<HTMLDivElement>(null);
  /** The item whose choices are shown. */
  const [parent, setParent] = useState<MenuItem | null>(null);
  useOpenPopover(list, anchor, parent);

  const restore = useRestoredFocus(list, anchor);

  const close = () => {
    onClose();
    restore();
  };
  useOutsidePress(list, anchor, close);

  return (
    <div
      ref={list}
      id={id}
      role="menu"
      aria-label={parent?.label ?? label}
      popover="manual"
      className="menu"
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Escape' || event.key === 'Tab') {
          event.preventDefault();
          close();
        } else if (event.key === 'ArrowLeft' && parent !== null) setParent(null);
        else moveFocus(event);
      }}
    >
      {parent !== null && (
        <button
          type="button"
          role="menuitem"
          tabIndex={-1}
          className="menu-item menu-parent"
          onClick={() => setParent(null)}
        >
          <ArrowLeft className="icon-mirror" size={18} aria-hidden />
          <span>{parent.label}</span>
        </button>
      )}
      {(parent?.items ?? items).map((item) => (
        <MenuButton
          key={item.label}
          item={item}
          onChoose={item.items === undefined ? close : () => setParent(item)}
        />
      ))}
    </div>
  );
}

interface MenuButtonProps {
  readonly item: MenuItem;
  /** Closes the menu before the selected item runs its action, or shows the item's choices. */
  readonly onChoose: () => void;
}

function MenuButton({ item, onChoose }: MenuButtonProps) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      aria-haspopup={item.items === undefined ? undefined : 'menu'}
      className={item.danger === true ? 'menu-item menu-item-danger' : 'menu-item'}
      onClick={() => {
        onChoose();
        item.onSelect?.();
      }}
    >
      {item.icon}
      <span className="menu-label">{item.label}</span>
      {item.items !== undefined && <ChevronRight className="icon-mirror" size={16} aria-hidden />}
    </button>
  );
}

/**
 * Calls `onPress` when something else is pressed. The popover does not do this itself: it would take the lifting of the
 * finger that opened it for a press.
 */
function useOutsidePress(
  list: React.RefObject<HTMLDivElement | null>,
  anchor: React.RefObject<HTMLButtonElement | null>,
  onPress: () => void,
) {
  const press = useEffectEvent(onPress);
  useEffect(() => {
    const look = ({ target, pointerType }: PointerEvent) => {
      const isInside = target instanceof Node && list.current?.contains(target) === true;
      // The button closes the menu by itself.
      const isButton = target instanceof Node && anchor.current?.contains(target) === true;
      if (isInside || isButton) return;
      // A finger that closes the menu means nothing else, whatever is under it.
      if (pointerType === 'touch') ignoreNextClick();
      press();
    };
    document.addEventListener('pointerdown', look, true);
    return () => document.removeEventListener('pointerdown', look, true);
  }, [list, anchor]);
}

/** Ignores the click of the press that has just begun, if one follows. */
function ignoreNextClick(): void {
  const over = new AbortController();
  const options = { capture: true, signal: over.signal };
  const ignore = (event: Event) => {
    // A long press elsewhere opens another menu by a click of its own.
    if (!event.isTrusted) return;
    event.preventDefault();
    event.stopPropagation();
    over.abort();
  };
  document.addEventListener('click', ignore, options);
  document.addEventListener('pointerdown', () => over.abort(), options);
}

/** Returns a function that gives the focus back to the element that had it before the menu opened. */
function useRestoredFocus(
  list: React.RefObject<HTMLDivElement | null>,
  anchor: React.RefObject<HTMLButtonElement | null>,
): () => void {
  const [before] = useState(() => document.activeElement);
  return () => {
    const had = before instanceof HTMLElement && before.isConnected && before !== document.body;
    const isInside = list.current?.contains(before) === true;
    (had && !isInside ? before : anchor.current)?.focus({ preventScroll: true });
  };
}

function useOpenPopover(
  list: React.RefObject<HTMLDivElement | null>,
  anchor: React.RefObject<HTMLButtonElement | null>,
  parent: MenuItem | null,
) {
  useEffect(() => {
    const element = list.current;
    if (element === null || anchor.current === null) return;
    if (!element.matches(':popover-open')) element.showPopover();
    placeBeside(element, anchor.current);
    element.querySelector<HTMLElement>('[role=menuitem]:not(.menu-parent)')?.focus();
  }, [list, anchor, parent]);
}

/** Moves the focus among the menu items with the arrow keys, Home and End. */
function moveFocus(event: KeyboardEvent<HTMLElement>) {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]')];
  const now = items.findIndex((item) => item === document.activeElement);
  const next = {
    ArrowDown: (now + 1) % items.length,
    ArrowUp: (now - 1 + items.length) % items.length,
    Home: 0,
    End: items.length - 1,
  }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  items[next]?.focus();
}
