/** Licences whose only condition is that their text is included. */
const ALLOWED: ReadonlySet<string> = new Set([
  ...['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0'],
  ...['CC0-1.0', 'ISC', 'MIT', 'Unlicense'],
]);

/** Packages that may be used although they have another licence. */
const EXCEPTIONS: readonly { readonly name: RegExp; readonly license: string }[] = [
  // libvips, a shared library beside sharp. It is optional, not changed, and can be replaced.
  { name: /^@img\/sharp-/, license: 'LGPL-3.0-or-later' },
];

/** Whether a package may be used. Of `A AND B`, both licences must be allowed; of `A OR B`, one of them. */
export function isAllowed(name: string, license: string): boolean {
  const plain = license.replaceAll(/[()]/g, '');
  const isFine = (each: string) =>
    ALLOWED.has(each) ||
    EXCEPTIONS.some((exception) => exception.name.test(name) && exception.license === each);
  // An expression with both operators is not evaluated here: a person must read it.
  if (plain.includes(' OR ') && plain.includes(' AND ')) return false;
  if (plain.includes(' OR ')) return plain.split(' OR ').some(isFine);
  return plain.split(' AND ').every(isFine);
}
