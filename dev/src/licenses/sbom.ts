import { productionFolders, type LockedPackage, type Lockfile } from './production-packages.ts';

const DEVELOPMENT: ReadonlySet<string> = new Set(['devDependencies', 'devOptional']);

/** A lockfile, and the `package.json` files that npm needs beside it, by folder. */
export interface ProductionTree {
  readonly lock: Lockfile;
  readonly manifests: Lockfile;
}

/**
 * The part of a lockfile that these workspaces need in production, as a lockfile of its own. The result of
 * `npm sbom --omit dev` on the whole lockfile is wrong: it contains the packages of the launcher, because npm never
 * treats a workspace as a development dependency, and lacks sharp, because the launcher needs it for development too.
 */
export function productionTree(lock: Lockfile, workspaces: readonly string[]): ProductionTree {
  const folders = productionFolders(lock, workspaces);
  const own = folders.filter((folder) => !folder.includes('node_modules/'));
  const root = forProduction({ name: 'parley', ...lock[''], workspaces: own });
  const links = Object.entries(lock).filter(
    ([, { link, resolved = '' }]) => link === true && own.includes(resolved),
  );
  const packages = folders.map((folder) => [folder, forProduction(lock[folder] ?? {})] as const);
  const manifests = packages.filter(([folder]) => own.includes(folder));
  return {
    lock: { '': root, ...Object.fromEntries(links), ...Object.fromEntries(packages) },
    manifests: { '': root, ...Object.fromEntries(manifests) },
  };
}

function forProduction(given: LockedPackage): LockedPackage {
  const entries = Object.entries(given).filter(([name]) => !DEVELOPMENT.has(name));
  return Object.fromEntries(entries);
}
