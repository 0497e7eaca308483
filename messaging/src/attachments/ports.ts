/** Width and height in pixels, upright. */
export interface Dimensions {
  readonly width: number;
  readonly height: number;
}

/** Reads images. */
export interface Imaging {
  /** Whether images of a type can be read; canonical. Depends on whether and how the image library was built. */
  reads(contentType: string): Promise<boolean>;
  /** Size of an image, from its first bytes; `null`: they do not say it. */
  dimensions(firstBytes: Uint8Array): Promise<Dimensions | null>;
  /** A thumbnail without metadata; `null`: the image is too large or damaged. */
  thumbnail(image: Uint8Array): Promise<Uint8Array | null>;
}
