import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';

import { IconButton } from './button.tsx';
import { placeBeside } from './place.ts';

export interface MenuItem {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly danger?: boolean;
  readonly onSelect: () => void;
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
  useOpenPopover(list, anchor);

  const close = () => {
    onClose();
    anchor.current?.focus();
  };

  return (
    <div
      ref={list}
      id={id}
      role="menu"
      aria-label={label}
      popover="auto"
      className="menu"
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Escape' || event.key === 'Tab') {
          event.preventDefault();
          close();
        } else moveFocus(event);
      }}
      onToggle={(event) => {
        if (event.newState === 'closed') onClose();
      }}
    >
      {items.map((item) => (
        <MenuButton key={item.label} item={item} onChoose={close} />
      ))}
    </div>
  );
}

interface MenuButtonProps {
  readonly item: MenuItem;
  /** Closes the menu before the selected item runs its action. */
  readonly onChoose: () => void;
}

function MenuButton({ item, onChoose }: MenuButtonProps) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={item.danger === true ? 'menu-item menu-item-danger' : 'menu-item'}
      onClick={() => {
        onChoose();
        item.onSelect();
      }}
    >
      {item.icon}
      <span>{item.label}</span>
    </button>
  );
}

function useOpenPopover(
  list: React.RefObject<HTMLDivElement | null>,
  anchor: React.RefObject<HTMLButtonElement | null>,
) {
  useEffect(() => {
    const element = list.current;
    if (element === null || anchor.current === null) return;
    element.showPopover();
    placeBeside(element, anchor.current);
    element.querySelector<HTMLElement>('[role=menuitem]')?.focus();
  }, [list, anchor]);
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
