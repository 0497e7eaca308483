import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

import { ROOT } from '../docs/documents.ts';

/** A service of docker-compose.yml, as far as a process needs it. */
export interface ComposeService {
  readonly command: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** The services of docker-compose.yml. */
export function composeServices(): Readonly<Record<string, ComposeService>> {
  const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
  const { services } = parse(text, { merge: true }) as {
    services: Record<string, ComposeService>;
  };
  return services;
}

/** The script of a container, with what Compose does to dollars undone. */
export function script({ command, entrypoint }: ComposeService): string {
  return ((entrypoint ?? command).at(-1) ?? '').replaceAll('$$', '$');
}

/** Where things are in the test: the names of containers and folders are replaced in every text of the deployment. */
export class Places {
  readonly #values: readonly (readonly [name: string, place: string])[];

  constructor(values: Readonly<Record<string, string>>) {
    // The longest first, so that no name is taken for the beginning of another one.
    this.#values = Object.entries(values).toSorted(([a], [b]) => b.length - a.length);
  }

  /** The text with all names replaced. */
  in(text: string): string {
    return this.#values.reduce((done, [name, place]) => done.replaceAll(name, place), text);
  }

  /** The environment of a container, with the variables of `.env` filled in. */
  environment(
    { environment = {} }: ComposeService,
    dotEnv: Readonly<Record<string, string>>,
  ): Record<string, string> {
    const fill = (placeholder: string) => {
      const [, name = '', fallback] = /^\$\{(\w+):(?:-(.*)|\?.*)\}$/.exec(placeholder) ?? [];
      const value = dotEnv[name] ?? fallback;
      if (value === undefined) throw new Error(`The test has no value for ${placeholder}`);
      return value;
    };
    const entries = Object.entries(environment).map(
      ([name, value]) => [name, this.in(value.replaceAll(/\$\{[^}]*\}/g, fill))] as const,
    );
    return Object.fromEntries(entries);
  }
}
