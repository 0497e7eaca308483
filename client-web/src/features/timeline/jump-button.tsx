import { ChevronDown } from 'lucide-react';

import { texts } from '../../texts/index.ts';

export interface JumpButtonProps {
  /** Number of messages from others below that have not been on the screen yet. */
  readonly fresh: number;
  readonly onJump: () => void;
}

/** Scrolls to the newest message and shows how many new messages arrived. */
export function JumpButton({ fresh, onJump }: JumpButtonProps) {
  const label = fresh > 0 ? texts.timeline.fresh(fresh) : texts.timeline.jump;
  return (
    <button
      type="button"
      className={fresh > 0 ? 'jump jump-fresh' : 'jump'}
      aria-label={fresh > 0 ? `${label}. ${texts.timeline.jump}` : label}
      title={texts.timeline.jump}
      onClick={onJump}
    >
      {fresh > 0 && <span>{label}</span>}
      <ChevronDown size={20} aria-hidden />
    </button>
  );
}
