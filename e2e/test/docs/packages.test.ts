import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PACKAGES = ['common', 'client-common'] as const;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** An app that has installed the packages from their archives, without a network. */
class App {
  readonly folder: string;
  readonly manifests: readonly Manifest[];

  private constructor(folder: string, manifests: readonly Manifest[]) {
    this.folder = folder;
    this.manifests = manifests;
  }

  static async create(): Promise<App> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-packages-'));
    const workspaces = PACKAGES.flatMap((name) => ['-w', name]);
    await run('npm', ['pack', '--pack-destination', folder, ...workspaces], { cwd: ROOT });
    const manifests: Manifest[] = [];
    for (const name of PACKAGES) {
      const installed = join(folder, 'node_modules', '@parley', name);
      await mkdir(installed, { recursive: true });
      const archive = join(folder, `parley-${name}-0.1.0.tgz`);
      await run('tar', ['-xzf', archive, '-C', installed, '--strip-components', '1']);
      manifests.push(
        JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Manifest,
      );
    }
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    for (const name of ['zod', 'socket.io-client']) {
      await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
    }
    return new App(folder, manifests);
  }

  /** What an import of each entry is called. */
  get entries(): string[] {
    return this.manifests.flatMap(({ exports, name }) =>
      Object.keys(exports).map((path) => name + path.slice(1)),
    );
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, name), text);
  }

  /** What a program prints that is run in the folder of the app. */
  async node(...args: string[]): Promise<string> {
    const { stdout } = await run(process.execPath, args, { cwd: this.folder });
    return stdout;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

describe('the packages for apps', () => {
  let app: App | undefined;

  before(async () => {
    app = await App.create();
  });
  after(() => app?.remove());

  it('have every file that their exports name, and the sources of their maps', async () => {
    for (const { exports, name } of app!.manifests) {
      const installed = join(app!.folder, 'node_modules', name);
      for (const targets of Object.values(exports)) {
        for (const path of Object.values(targets))
          assert.ok(existsSync(join(installed, path)), path);
      }
      const map = await readFile(join(installed, 'dist', 'index.js.map'), 'utf8');
      const { sources } = JSON.parse(map) as { sources: string[] };
      assert.ok(existsSync(join(installed, 'dist', sources[0] ?? '')), sources[0]);
      assert.ok(!existsSync(join(installed, 'test')));
    }
  });

  it('depend on exact versions: of each other, and of what this repository installs', () => {
    const versions = new Map(app!.manifests.map(({ name, version }) => [name, version]));
    const require = createRequire(import.meta.url);
    for (const { dependencies, private: isPrivate } of app!.manifests) {
      assert.equal(isPrivate, undefined);
      for (const [name, version] of Object.entries(dependencies)) {
        const path = join(ROOT, 'node_modules', name, 'package.json');
        const { version: installed } = require(path) as Manifest;
        assert.equal(version, versions.get(name) ?? installed, name);
      }
    }
  });

  it('can be imported by Node, each entry', async () => {
    const imports = app!.entries.map((entry) => `await import('${entry}');`);
    await app!.write('all.js', [...imports, `console.log('all')`].join('\n'));
    assert.equal(await app!.node('all.js'), 'all\n');
  });

  for (const [module, moduleResolution] of [
    ['node16', 'node16'],
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    it(`have types, each entry (moduleResolution ${moduleResolution})`, async () => {
      const imports = app!.entries.map((entry, at) => `import * as each${at} from '${entry}';`);
      const uses = `
        import { createClient, memoryPlatform } from '@parley/client-common';
        const client = createClient({ url: '', credentials: () => Promise.resolve('token') });
        export const key: string = client.conversation('id').send('Hello');
        // @ts-expect-error -- the types are not any
        client.conversation(7);
        export const all = [memoryPlatform, ${app!.entries.map((_, at) => `each${at}`).join()}];
      `;
      await app!.write('app.ts', [...imports, uses].join('\n'));
      const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
      const options = ['--module', module, '--moduleResolution', moduleResolution];
      const strict = ['--strict', '--target', 'es2023', '--lib', 'es2023,dom', '--skipLibCheck'];
      try {
        await app!.node(tsc, '--noEmit', ...options, ...strict, 'app.ts');
      } catch (error) {
        assert.fail((error as { stdout: string }).stdout);
      }
    });
  }
});
