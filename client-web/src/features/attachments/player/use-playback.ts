import { type SyntheticEvent, useRef, useState } from 'react';

import type { Source } from '../use-source.ts';

/** What a player shows and does. Times are in seconds. */
export interface Playback {
  readonly playing: boolean;
  readonly time: number;
  /** 0 while it is unknown. */
  readonly duration: number;
  readonly speed: number;
  readonly toggle: () => void;
  readonly seek: (time: number) => void;
  readonly setSpeed: (speed: number) => void;
}

type MediaEvent = SyntheticEvent<HTMLMediaElement>;

/** The state of one media element, and the properties to give to it. One element of the page plays at a time. */
export function usePlayback(source: Source) {
  const element = useRef<HTMLMediaElement | null>(null);
  const [playing, setPlaying] = useState(false);
  const [time, setTime] = useState(0);
  const [duration, setDuration] = useState(0);
  const [speed, setSpeed] = useState(1);

  const seek = (to: number) => {
    const { current } = element;
    if (current === null || duration === 0) return;
    current.currentTime = Math.min(Math.max(0, to), duration);
    setTime(current.currentTime);
  };
  const toggle = () => {
    const { current } = element;
    if (current === null) return;
    if (current.paused) current.play().catch(() => setPlaying(false));
    else current.pause();
  };
  const changeSpeed = (to: number) => {
    setSpeed(to);
    if (element.current !== null) element.current.playbackRate = to;
  };
  const media = {
    preload: 'metadata',
    src: source.url ?? undefined,
    onPlay: ({ currentTarget }: MediaEvent) => {
      pauseOthers(currentTarget);
      setPlaying(true);
    },
    onPause: () => setPlaying(false),
    onTimeUpdate: ({ currentTarget }: MediaEvent) => setTime(currentTarget.currentTime),
    onDurationChange: ({ currentTarget }: MediaEvent) =>
      setDuration(Number.isFinite(currentTarget.duration) ? currentTarget.duration : 0),
    onLoadedMetadata: ({ currentTarget }: MediaEvent) => {
      currentTarget.playbackRate = speed;
      // The link was renewed: go on where the old one ended.
      if (time > 0) currentTarget.currentTime = time;
    },
    onError: source.url === null ? undefined : source.onError,
  } as const;
  const playback: Playback = {
    playing,
    time,
    duration,
    speed,
    toggle,
    seek,
    setSpeed: changeSpeed,
  };
  return { element, media, playback };
}

function pauseOthers(own: HTMLMediaElement): void {
  for (const other of document.querySelectorAll<HTMLMediaElement>('audio, video')) {
    if (other !== own && !other.paused) other.pause();
  }
}
