import './player.css';

import { Maximize } from 'lucide-react';
import type { RefObject } from 'react';

import { texts } from '../../../texts/index.ts';
import { classNames } from '../../../ui/class-names.ts';
import { IconButton } from '../../../ui/button.tsx';
import type { PlayerProps } from './audio-player.tsx';
import { PlayerControls } from './player-controls.tsx';
import { usePlayback } from './use-playback.ts';

/** A player for a video where it stands. The full screen has the browser's own controls. */
export function VideoPlayer({ name, source }: PlayerProps) {
  const { element, media, playback } = usePlayback(source);
  const video = element as RefObject<HTMLVideoElement | null>;
  return (
    <div
      className={classNames('player-video', playback.playing && 'is-playing')}
      role="group"
      aria-label={name}
    >
      <video ref={video} playsInline {...media} onClick={playback.toggle} />
      <div className="player player-bar">
        <PlayerControls name={name} playback={playback} />
        <IconButton
          className="player-toggle"
          label={texts.attachments.fullScreen}
          onClick={() => void video.current?.requestFullscreen().catch(() => undefined)}
        >
          <Maximize size={18} aria-hidden />
        </IconButton>
      </div>
    </div>
  );
}
