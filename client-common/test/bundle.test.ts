import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build as pack, type Plugin } from 'esbuild';

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url));
const KIB = 1024;

/** What apps import. */
const APPS = {
  'a web app': 'createClient, browserPlatform',
  'a React Native app': 'createClient, reactNativePlatform, createAuthApi',
};

/** Leaves the contract out, but for one import of it: apps have no import for each of our files either. */
const withoutContract: Plugin = {
  name: 'without the contract',
  setup(build) {
    build.onResolve({ filter: /^@parley\/common$/ }, ({ namespace, path }) =>
      namespace === 'contract' ? { path, external: true } : { path, namespace: 'contract' },
    );
    build.onLoad({ filter: /.*/, namespace: 'contract' }, async ({ path }) => {
      const names = Object.keys((await import(path)) as object).join();
      return { contents: `export { ${names} } from '${path}';` };
    });
  },
};

/** The client as the bundler of an app packs it, gzipped, beside what is left out of it. */
async function bundle(imported: string, plugins: Plugin[] = []) {
  const { metafile, outputFiles } = await pack({
    stdin: { contents: `export { ${imported} } from './index.ts';`, resolveDir: SOURCES },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    conditions: ['source'],
    external: ['socket.io-client'],
    plugins,
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return {
    inputs: Object.keys(metafile.inputs).filter((path) => path !== '<stdin>'),
    imports: new Set(imports.map(({ path }) => path)),
    bytes: gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length,
  };
}

describe('The bundle', () => {
  for (const [app, imported] of Object.entries(APPS)) {
    it(`of ${app} has at most 15 KiB of own code`, async () => {
      const { bytes } = await bundle(imported, [withoutContract]);
      assert.ok(bytes <= 15 * KIB, `${bytes} bytes`);
    });

    it(`of ${app} has nothing but errors, limits and texts of the contract besides`, async () => {
      const { bytes, imports, inputs } = await bundle(imported);
      // No schema library, no built-in of Node: whatever is imported would be listed.
      assert.deepEqual([...imports], ['socket.io-client']);
      const foreign = inputs.filter((path) => !/(^|\/)(client-common|common)\/src\//.test(path));
      assert.deepEqual(foreign, []);
      const schemas = inputs.filter((path) => /common\/src\/(contract|model)\//.test(path));
      assert.deepEqual(schemas, []);
      assert.ok(bytes <= 16.5 * KIB, `${bytes} bytes`);
    });
  }

  it('compiles without the types of browsers and Node', () => {
    const path = fileURLToPath(new URL('../tsconfig.json', import.meta.url));
    const config = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly compilerOptions: { readonly lib: string[]; readonly types: string[] };
    };
    assert.deepEqual(config.compilerOptions.lib, ['es2023']);
    assert.deepEqual(config.compilerOptions.types, []);
  });
});
