/** A promise that a test settles when it wants. */
export interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

export function deferred(): Deferred {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((...given) => ([resolve, reject] = given));
  return { promise, resolve: () => resolve(), reject: (error) => reject(error) };
}
