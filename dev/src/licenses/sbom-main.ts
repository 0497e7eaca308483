import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { PRODUCTION, type Lockfile } from './production-packages.ts';
import { productionTree } from './sbom.ts';

const OPTIONS = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];

const lockfile = fileURLToPath(new URL('../../../package-lock.json', import.meta.url));
const whole = JSON.parse(readFileSync(lockfile, 'utf8')) as { readonly packages: Lockfile };
const { lock, manifests } = productionTree(whole.packages, PRODUCTION);
// npm names the product after its folder.
const parent = mkdtempSync(join(tmpdir(), 'parley-sbom-'));
const folder = join(parent, 'parley');
try {
  for (const [place, manifest] of Object.entries(manifests)) {
    mkdirSync(join(folder, place), { recursive: true });
    writeFileSync(join(folder, place, 'package.json'), JSON.stringify(manifest));
  }
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ ...whole, packages: lock }));
  execFileSync('npm', ['sbom', ...OPTIONS], { cwd: folder, stdio: 'inherit' });
} finally {
  rmSync(parent, { recursive: true });
}
