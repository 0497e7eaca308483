/** The entry of a package in the lockfile. */
export interface LockedPackage {
  /** Set for workspaces only. The folder of any other package ends with its name. */
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  /** The folder that a link leads to. */
  readonly resolved?: string;
  readonly link?: boolean;
  readonly devOptional?: boolean;
  readonly workspaces?: readonly string[];
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The packages of a lockfile, by their folder. */
export type Lockfile = Readonly<Record<string, LockedPackage>>;

/** The workspaces that are installed in production. */
export const PRODUCTION = ['auth', 'messaging', 'web', 'doctor'];

/** The folders that {@link productionFolders} returns, without those of workspaces. */
export function productionPackages(lock: Lockfile, workspaces: readonly string[]): string[] {
  return productionFolders(lock, workspaces).filter((folder) => folder.includes('node_modules/'));
}

/**
 * The folders of these workspaces and of everything that they need in production, for every platform, sorted. Peers that
 * are not installed are left out.
 * @throws if a package that is needed is not in the lockfile
 */
export function productionFolders(lock: Lockfile, workspaces: readonly string[]): string[] {
  const reached = new Set<string>();
  const waiting = [...workspaces];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (reached.has(folder)) continue;
    reached.add(folder);
    waiting.push(...neededBy(lock, folder));
  }
  return [...reached].toSorted();
}

function neededBy(lock: Lockfile, folder: string): string[] {
  const given = lock[folder];
  if (given === undefined) throw new Error(`${folder} is not in package-lock.json`);
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = given;
  const optional = [...Object.keys(optionalDependencies), ...Object.keys(peerDependencies)];
  const required = Object.keys(dependencies).filter((name) => !optional.includes(name));
  return [
    ...required.map((name) => {
      const found = locate(lock, folder, name);
      if (found === undefined)
        throw new Error(`${name}, which ${folder} needs, is not in package-lock.json`);
      return found;
    }),
    ...optional.flatMap((name) => locate(lock, folder, name) ?? []),
  ];
}

/** Looks for a package as Node does: in the folder itself, then in each one above it. */
function locate(lock: Lockfile, folder: string, name: string): string | undefined {
  for (let from = folder; ; from = above(from)) {
    const path = from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`;
    const found = lock[path];
    if (found !== undefined) return found.link === true ? found.resolved : path;
    if (from === '') return undefined;
  }
}

/** The folder whose `node_modules` contains a package; for a workspace, the root. */
function above(folder: string): string {
  const end = folder.lastIndexOf('/node_modules/');
  return end < 0 ? '' : folder.slice(0, end);
}

/** The name of a package, by its folder. */
export function nameOf(lock: Lockfile, folder: string): string {
  const start = folder.lastIndexOf('node_modules/');
  return lock[folder]?.name ?? folder.slice(start < 0 ? 0 : start + 'node_modules/'.length);
}
