/** Pixels that a picture in a bubble takes at most and at least. */
const WIDEST = 320;
const HIGHEST = 340;
const NARROWEST = 140;
const UNKNOWN = { width: 260, height: 190 };

/** Room that is kept for a picture or a video before anything of it is loaded. */
export interface MediaBox {
  readonly width: number;
  readonly height: number;
}

/** Room for something of `width` by `height` pixels; very long or high ones are cut. */
export function mediaBox(width: number | null, height: number | null): MediaBox {
  if (width === null || height === null) return UNKNOWN;
  const scale = Math.min(1, WIDEST / width, HIGHEST / height);
  return {
    width: Math.round(Math.max(NARROWEST, width * scale)),
    height: Math.round(Math.max(NARROWEST / 2, height * scale)),
  };
}
