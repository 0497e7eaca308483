import type { StatusName } from '@parley/common/contract';

import { classNames } from '../../ui/class-names.ts';

export interface StatusMarkProps {
  readonly status: StatusName;
  readonly size?: number;
}

/** A disc, a square with a bar, or a ring: distinguishable without colour. Decorative: a text gives the status. */
export function StatusMark({ status, size = 14 }: StatusMarkProps) {
  return (
    <svg
      className={classNames('status-mark', `status-${status.toLowerCase()}`)}
      viewBox="0 0 14 14"
      width={size}
      height={size}
      aria-hidden="true"
    >
      <Shape status={status} />
    </svg>
  );
}

function Shape({ status }: Pick<StatusMarkProps, 'status'>) {
  switch (status) {
    case 'BUSY':
      return (
        <path d="M3 1h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2zm0.5 5v2h7V6z" />
      );
    case 'OFFLINE':
      return <circle cx="7" cy="7" r="4.75" fill="none" stroke="currentColor" strokeWidth="2.5" />;
    case 'AVAILABLE':
      return <circle cx="7" cy="7" r="6" />;
  }
}
