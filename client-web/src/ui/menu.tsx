import { ArrowLeft, ChevronRight } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';

import { IconButton } from './button.tsx';
import { isClosingKey, moveFocus, useOutsideKeys, useOutsidePress } from './menu-focus.ts';
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
  useOutsideKeys(list, close);

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
        if (isClosingKey(event)) {
          event.preventDefault();
          close();
        } else if (event.key === 'ArrowLeft' && parent !== null) setParent(null);
        else moveFocus(event, event.currentTarget);
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
