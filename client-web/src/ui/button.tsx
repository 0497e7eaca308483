import type { ComponentPropsWithRef, ReactNode } from 'react';

import { classNames } from './class-names.ts';

export interface ButtonProps extends ComponentPropsWithRef<'button'> {
  readonly variant?: 'primary' | 'plain' | 'danger' | 'quiet';
  readonly icon?: ReactNode;
  readonly busy?: boolean;
}

/** A button with a label. While `busy` it keeps its size and the focus but ignores clicks. */
export function Button({ variant = 'plain', icon, busy = false, ...props }: ButtonProps) {
  const { className, children, onClick, type = 'button', ...rest } = props;
  return (
    <button
      {...rest}
      type={type}
      className={classNames('button', `button-${variant}`, className)}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {icon}
      <span>{children}</span>
    </button>
  );
}

export interface IconButtonProps extends ComponentPropsWithRef<'button'> {
  /** The accessible name, also shown as a tooltip. */
  readonly label: string;
  readonly 'data-opens'?: string;
  readonly children: ReactNode;
}

/** A square button with an icon and no visible label. */
export function IconButton({ label, className, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      {...rest}
      className={classNames('icon-button', className)}
    >
      {children}
    </button>
  );
}
