import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { isAllowed } from './policy.ts';
import { nameOf, PRODUCTION, productionPackages, type Lockfile } from './production-packages.ts';

/** A package that is part of a production install. */
export interface LicensedPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression; `unknown` if the package does not name one. */
  readonly license: string;
  readonly isAllowed: boolean;
}

/** The fields of a `package.json` that name the licence. In old packages they are an object or a list. */
interface Manifest {
  readonly license?: string | { readonly type?: string };
  readonly licenses?: readonly { readonly type?: string }[];
}

/**
 * The packages of a production install with their licences, each version once, sorted by name. The licence is read from
 * the lockfile, or from the installed package if the lockfile does not have it.
 * @param root - the folder with `package-lock.json`
 */
export function readLicenses(root: string): LicensedPackage[] {
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { readonly packages: Lockfile };
  const found = productionPackages(packages, PRODUCTION).map((folder) => {
    const { license: locked, version = '' } = packages[folder] ?? {};
    const name = nameOf(packages, folder);
    const license = locked ?? licenseIn(join(root, folder)) ?? 'unknown';
    return { name, version, license, isAllowed: isAllowed(name, license) };
  });
  const unique = new Map(found.map((each) => [`${each.name}@${each.version}`, each]));
  return [...unique.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function licenseIn(folder: string): string | undefined {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  } catch {
    // A package for another platform is not installed.
    return undefined;
  }
  const { license, licenses } = manifest;
  if (typeof license === 'string') return license;
  const types = (license === undefined ? (licenses ?? []) : [license]).flatMap(
    ({ type }) => type ?? [],
  );
  return types.length === 0 ? undefined : types.join(' OR ');
}
