import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build, type Plugin } from 'esbuild';

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url));
const KIB = 1024;

/** What apps import. */
const APPS = {
  'a web app': 'createClient, browserPlatform',
  'a React Native app': 'createClient, reactNativePlatform',
};

/** What apps import beside the client. */
const ENTRIES = {
  partner: 'createPartner',
  blocks: 'createBlocks',
  device: 'createDevice',
  delivery: 'deliveryOf',
  node: 'fileStore',
};

const CONTRACT = '@parley/common';

interface PackOptions {
  readonly external?: readonly string[];
  readonly plugins?: Plugin[];
  /** What the app imports from; default the client itself. */
  readonly entry?: string;
  /** The app itself, instead of `entry`. */
  readonly contents?: string;
}

/** The client as the bundler of an app packs it, without the names in `external` and Socket.IO's client. */
async function pack(imported: string, options: PackOptions = {}) {
  const { external = [], plugins = [], entry = './index.ts' } = options;
  const { contents: app = `export { ${imported} } from '${entry}';` } = options;
  const { metafile, outputFiles } = await build({
    stdin: { contents: app, resolveDir: SOURCES },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    conditions: ['source'],
    external: ['socket.io-client', ...external],
    plugins,
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  const { contents = new Uint8Array(), text = '' } = outputFiles[0] ?? {};
  return {
    inputs: Object.keys(metafile.inputs).filter((path) => path !== '<stdin>'),
    imports: new Set(imports.map(({ path }) => path)),
    bytes: gzipSync(contents, { level: 9 }).length,
    text,
  };
}

/**
 * The client without the contract, which is imported once. Each file of ours imports it, but no such
 * import is left in an app.
 */
async function packOwnCode(imported: string) {
  const { text } = await pack(imported, { external: [CONTRACT] });
  const lists = [...text.matchAll(/import\{([^}]*)\}from"@parley\/common"/g)];
  const names = lists.flatMap(([, list = '']) => list.split(',').map((name) => name.split(' ')[0]));
  const once: Plugin = {
    name: 'one import of the contract',
    setup(bundler) {
      bundler.onResolve({ filter: new RegExp(`^${CONTRACT}$`) }, ({ namespace, path }) =>
        namespace === 'once' ? { path, external: true } : { path, namespace: 'once' },
      );
      bundler.onLoad({ filter: /./, namespace: 'once' }, ({ path }) => ({
        contents: `export { ${[...new Set(names)].join()} } from '${path}';`,
      }));
    },
  };
  return pack(imported, { plugins: [once] });
}

describe('The bundle', () => {
  for (const [app, imported] of Object.entries(APPS)) {
    it(`of ${app} has at most 16 KiB of own code`, async () => {
      const { bytes } = await packOwnCode(imported);
      assert.ok(bytes <= 16 * KIB, `${bytes} bytes`);
    });

    it(`of ${app} has nothing but errors, limits and texts of the contract besides`, async () => {
      const { bytes, imports, inputs } = await pack(imported);
      // No schema library, no built-in of Node: whatever is imported would be listed.
      assert.deepEqual([...imports], ['socket.io-client']);
      const foreign = inputs.filter((path) => !/(^|\/)(client-common|common)\/src\//.test(path));
      assert.deepEqual(foreign, []);
      const schemas = inputs.filter((path) => /common\/src\/(contract|model)\//.test(path));
      assert.deepEqual(schemas, []);
      assert.ok(bytes <= 17.5 * KIB, `${bytes} bytes`);
    });
  }

  it('of the partner, blocks, devices, deliveries and the store of Node is another 3.5 KiB at most, for apps that have them', async () => {
    const contents = Object.entries(ENTRIES)
      .map(([folder, name]) => `export { ${name} } from './${folder}/index.ts';`)
      .join('');
    const { bytes, imports } = await pack('', { contents, external: [CONTRACT] });
    assert.deepEqual([...imports], [CONTRACT]);
    assert.ok(bytes <= 3.5 * KIB, `${bytes} bytes`);
  });

  for (const [folder, name] of Object.entries(ENTRIES)) {
    it(`of ${name} alone has nothing of the other entries and of the client`, async () => {
      const entry = `./${folder}/index.ts`;
      const { inputs } = await pack(name, { entry, external: [CONTRACT] });
      const folders = inputs.map((path) => /client-common\/src\/([^/]+)/.exec(path)?.[1]);
      assert.deepEqual(
        [...new Set(folders)].filter((each) => each !== 'core' && each !== 'platform'),
        [folder],
      );
    });
  }

  it('of the calls of the auth service is another 0.75 KiB at most, for apps that sign users in', async () => {
    const { bytes, imports } = await pack('createAuthApi', { external: [CONTRACT] });
    assert.deepEqual([...imports], [CONTRACT]);
    assert.ok(bytes <= 0.75 * KIB, `${bytes} bytes`);
  });

  it('of uploads is another 6 KiB at most, for apps that send files', async () => {
    const options = { entry: './uploads/index.ts', external: [CONTRACT] };
    const { bytes, imports } = await pack('browserUploads', options);
    assert.deepEqual([...imports], [CONTRACT]);
    assert.ok(bytes <= 6 * KIB, `${bytes} bytes`);
  });

  it('of metadata is another 3 KiB at most, for apps that take the place out of pictures', async () => {
    const { bytes, imports } = await pack('withoutPlace', { entry: './metadata/index.ts' });
    assert.deepEqual([...imports], []);
    assert.ok(bytes <= 3 * KIB, `${bytes} bytes`);
  });

  it('compiles without the types of browsers and Node', () => {
    const path = fileURLToPath(new URL('../tsconfig.json', import.meta.url));
    const config = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly compilerOptions: { readonly lib: string[]; readonly types: string[] };
    };
    assert.deepEqual(config.compilerOptions.lib, ['es2023']);
    assert.deepEqual(config.compilerOptions.types, []);
  });
});
