import assert from 'node:assert/strict';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';
import ts from 'typescript';

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url));
/** What the own code may weigh in a web app, gzipped, beside socket.io-client. */
const LARGEST = 15 * 1024;

/** A web app that imports the client, as its bundler would pack it. */
function bundle() {
  return build({
    stdin: {
      contents: `export { createClient, browserPlatform } from './index.ts';`,
      resolveDir: SOURCES,
    },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    conditions: ['source'],
    external: ['socket.io-client'],
  });
}

describe('The bundle', () => {
  it('has only the own code beside socket.io-client, at most 15 KB of it', async () => {
    const { metafile, outputFiles } = await bundle();
    const inputs = Object.keys(metafile.inputs).filter((path) => path !== '<stdin>');
    const foreign = inputs.filter((path) => !/(^|\/)(client-common|common)\/src\//.test(path));
    assert.deepEqual(foreign, []);
    assert.deepEqual(
      inputs.filter((path) => path.includes('/contract/') || path.includes('/model/')),
      [],
    );
    const imported = Object.values(metafile.outputs).flatMap((output) => output.imports);
    assert.deepEqual([...new Set(imported.map(({ path }) => path))], ['socket.io-client']);
    assert.ok(builtinModules.every((name) => !imported.some(({ path }) => path === name)));

    const bytes = gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length;
    assert.ok(bytes <= LARGEST, `${bytes} bytes gzipped, at most ${LARGEST} allowed`);
  });

  it('compiles without the types of browsers and Node', () => {
    const path = fileURLToPath(new URL('../tsconfig.json', import.meta.url));
    const read = ts.readConfigFile(path, (name) => ts.sys.readFile(name));
    const config = read.config as { compilerOptions: { lib: string[]; types: string[] } };
    assert.deepEqual(config.compilerOptions.lib, ['es2023']);
    assert.deepEqual(config.compilerOptions.types, []);
  });
});
