/** Maximum and minimum size of a picture in a bubble, in pixels. */
const WIDEST = 320;
const HIGHEST = 340;
const NARROWEST = 140;
const UNKNOWN = { width: 260, height: 190 };

/** The space reserved for a picture or video before it has loaded. */
export interface MediaBox {
  readonly width: number;
  readonly height: number;
}

/** The displayed size of media of `width` by `height` pixels; extreme proportions are cropped. */
export function mediaBox(width: number | null, height: number | null): MediaBox {
  if (width === null || height === null) return UNKNOWN;
  const scale = Math.min(1, WIDEST / width, HIGHEST / height);
  return {
    width: Math.round(Math.max(NARROWEST, width * scale)),
    height: Math.round(Math.max(NARROWEST / 2, height * scale)),
  };
}
