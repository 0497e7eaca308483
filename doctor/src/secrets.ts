import type { Environment } from '@parley/backend-common';

const SECRET_NAME = /SECRET|PASSWORD|TOKEN|KEY/;
const FILE = /_FILE$/;
const IN_URI = /(\w:\/\/)[^\s/@]*@/g;
const HIDDEN = '[secret]';
/** Shorter ones stand in ordinary words; no usable secret is so short. */
const SHORTEST = 4;

/** Hides in a text what the values of the variables keep secret, and the credentials of any URI. */
export type Hide = (text: string) => string;

/** @param env - with the contents of files in place of their paths */
export function hideSecretsOf(env: Environment): Hide {
  const secrets = Object.entries(env)
    .flatMap(([name, value = '']) => secretsIn(name, value))
    .filter((secret) => secret.length >= SHORTEST)
    // A secret may be a part of a longer one.
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
