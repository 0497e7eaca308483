/** Errors of parts that do not depend on each other: all of them are carried out before the first error is thrown. */
export class Failures {
  readonly #errors: unknown[] = [];

  /** Carries out one part, and keeps its error. */
  async collect(part: () => Promise<void>): Promise<void> {
    try {
      await part();
    } catch (error) {
      this.#errors.push(error);
    }
  }

  /** @throws the first error, if there was one */
  throwIfAny(): void {
    if (this.#errors.length > 0) throw this.#errors[0];
  }
}
