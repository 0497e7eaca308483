import { ChevronDown } from 'lucide-react';

import { texts } from '../../texts/index.ts';

export interface JumpButtonProps {
  /** Messages of others below that were not on the screen yet. */
  readonly fresh: number;
  readonly onJump: () => void;
}

/** The way back to the newest message, with what came in meanwhile. */
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
