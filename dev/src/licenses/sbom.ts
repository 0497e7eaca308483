import { productionFolders, type LockedPackage, type Lockfile } from './production-packages.ts';

const DEVELOPMENT: ReadonlySet<string> = new Set(['devDependencies', 'devOptional']);

/** A lockfile, and the manifests that npm wants to see beside it, by their folder. */
export interface ProductionTree {
  readonly lock: Lockfile;
  readonly manifests: Lockfile;
}

/**
 * The part of a lockfile that these workspaces need in production, as a tree of its own. `npm sbom --omit dev` on the
 * whole cannot say it: it has the launcher's packages, because a workspace is never one for development, and lacks
 * sharp, because it is needed for development too.
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
