import type { Environment } from '@parley/backend-common';

const SECRET_NAME = /SECRET|PASSWORD|TOKEN|KEY/;
const FILE = /_FILE$/;
const IN_URI = /(\w:\/\/)[^\s/@]*@/g;
const HIDDEN = '[secret]';
/** Shorter values are not hidden: they occur inside ordinary words, and no usable secret is so short. */
const SHORTEST = 4;

/** Replaces the secrets of the variables and the credentials of all URIs in a text. */
export type Hide = (text: string) => string;

/** @param env - with the contents of secret files in place of their paths */
export function hideSecretsOf(env: Environment): Hide {
  const secrets = Object.entries(env)
    .flatMap(([name, value = '']) => secretsIn(name, value))
    .filter((secret) => secret.length >= SHORTEST)
    // The longest first, because one secret may be a part of another.
    .toSorted((left, right) => right.length - left.length);
  return (text) =>
    secrets
      .reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text)
      .replaceAll(IN_URI, `$1${HIDDEN}@`);
}

function secretsIn(name: string, value: string): string[] {
  if (SECRET_NAME.test(name) && !FILE.test(name)) return [value];
  const [, login] = /^\w+(?:\+\w+)?:\/\/([^/@]*(?:@[^/@]*)*)@/.exec(value) ?? [];
  if (login === undefined) return [];
  const password = login.slice(login.indexOf(':') + 1);
  return [login, password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
