import './player.css';

import { texts } from '../../../texts/index.ts';
import type { Source } from '../use-source.ts';
import { PlayerControls } from './player-controls.tsx';
import { usePlayback } from './use-playback.ts';

const SPEEDS = [1, 1.5, 2];

export interface PlayerProps {
  readonly name: string;
  readonly source: Source;
}

/** A player for sound: button, position, time and speed. */
export function AudioPlayer({ name, source }: PlayerProps) {
  const { element, media, playback } = usePlayback(source);
  const { speed, setSpeed } = playback;
  const next = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1;
  return (
    <div className="player player-audio" role="group" aria-label={name}>
      <audio ref={element} {...media} />
      <PlayerControls name={name} playback={playback} />
      <button
        type="button"
        className="player-speed"
        aria-label={texts.attachments.speed(speed)}
        onClick={() => setSpeed(next)}
      >
        {speed}×
      </button>
    </div>
  );
}
