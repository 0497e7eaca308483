/** Timeout in milliseconds after which a file is sent without dimensions. */
const PATIENCE = 4_000;

/** What the recipients need in order to reserve space for a file. */
export interface Dimensions {
  readonly width?: number;
  readonly height?: number;
  readonly durationMs?: number;
}

/** Measures a picture, video or sound; the result is empty if the browser cannot read it. */
export async function measure(file: File): Promise<Dimensions> {
  const kind = file.type.split('/', 1)[0];
  if (kind !== 'image' && kind !== 'video' && kind !== 'audio') return {};
  if (file.type === 'image/svg+xml') return {};
  const url = URL.createObjectURL(file);
  try {
    const late = new Promise<Dimensions>((resolve) => setTimeout(() => resolve({}), PATIENCE));
    return await Promise.race([kind === 'image' ? ofImage(url) : ofMedia(url, kind), late]);
  } catch {
    return {};
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function ofImage(url: string): Promise<Dimensions> {
  const image = new Image();
  image.src = url;
  await image.decode();
  return { width: image.naturalWidth, height: image.naturalHeight };
}

function ofMedia(url: string, kind: 'video' | 'audio'): Promise<Dimensions> {
  const media = document.createElement(kind);
  media.preload = 'metadata';
  return new Promise((resolve, reject) => {
    media.onerror = () => reject(new Error('The browser cannot read it'));
    media.onloadedmetadata = () => {
      const { duration } = media;
      const durationMs = Number.isFinite(duration) ? Math.round(duration * 1_000) : 0;
      const time = durationMs > 0 ? { durationMs } : {};
      const size =
        media instanceof HTMLVideoElement && media.videoWidth > 0
          ? { width: media.videoWidth, height: media.videoHeight }
          : {};
      resolve({ ...size, ...time });
      media.removeAttribute('src');
      media.load();
    };
    media.src = url;
  });
}
