import { Pause, Play } from 'lucide-react';
import type { KeyboardEvent } from 'react';

import { texts } from '../../../texts/index.ts';
import { IconButton } from '../../../ui/button.tsx';
import { durationText, lengthText } from './duration-text.ts';
import type { Playback } from './use-playback.ts';

/** How far an arrow key moves, in seconds. */
const STEP = 5;

export interface PlayerControlsProps {
  readonly name: string;
  readonly playback: Playback;
}

/** The button, the position and the time of a player. */
export function PlayerControls({ name, playback }: PlayerControlsProps) {
  const { playing, time, duration, toggle, seek } = playback;
  const { attachments } = texts;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    seek(time + step);
  };
  return (
    <>
      <IconButton
        className="player-toggle"
        label={playing ? attachments.pause(name) : attachments.play(name)}
        onClick={toggle}
      >
        {playing ? <Pause size={20} aria-hidden /> : <Play size={20} aria-hidden />}
      </IconButton>
      <input
        type="range"
        className="player-position"
        aria-label={attachments.seek}
        aria-valuetext={attachments.timeOf(durationText(time), lengthText(duration))}
        min={0}
        max={duration === 0 ? 1 : duration}
        step="any"
        value={duration === 0 ? 0 : Math.min(time, duration)}
        disabled={duration === 0}
        onChange={(event) => seek(event.target.valueAsNumber)}
        onKeyDown={onKeyDown}
      />
      <span className="player-time" aria-hidden="true">
        {playing || time > 0 ? durationText(time) : lengthText(duration)}
      </span>
    </>
  );
}
