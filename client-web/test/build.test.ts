import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
/** Limit for the gzipped scripts of the first load, in bytes. */
const LARGEST = 200 * 1024;

describe('the built app', function () {
  this.timeout(60_000);
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-web-'));
    // Run in a separate process, as `npm run build` does: other Vite tests change NODE_ENV.
    const vite = join(
      createRequire(import.meta.url).resolve('vite/package.json'),
      '../bin/vite.js',
    );
    await run(process.execPath, [vite, 'build', '--outDir', folder, '--emptyOutDir'], {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
    });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const assets = async (ending: string) =>
    Promise.all(
      (await readdir(join(folder, 'assets')))
        .filter((name) => name.endsWith(ending))
        .map(async (name) => ({ name, content: await readFile(join(folder, 'assets', name)) })),
    );

  it('has no inline script, style or handler, as the content security policy requires', async () => {
    const html = await readFile(join(folder, 'index.html'), 'utf8');
    assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=/u);
    assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/u);
  });

  it('has content hashes in asset names, so that assets can be cached forever', async () => {
    const all = [...(await assets('.js')), ...(await assets('.css'))];
    assert.ok(all.length >= 2);
    for (const { name } of all) assert.match(name, /-[\w-]{8,}\.(?:js|css)$/u);
  });

  /** The scripts that the page loads initially: those in the HTML and their static imports. */
  const firstScripts = async () => {
    const found = new Map<string, Buffer>();
    const follow = async (path: string): Promise<void> => {
      if (found.has(path)) return;
      const content = await readFile(join(folder, path));
      found.set(path, content);
      const imported = content
        .toString()
        .matchAll(/\b(?:from|import)\s*["']\.\/([^"']+\.js)["']/gu);
      for (const [, name = ''] of imported) await follow(`assets/${name}`);
    };
    const html = await readFile(join(folder, 'index.html'), 'utf8');
    for (const [, path = ''] of html.matchAll(/(?:src|href)="\/([^"]+\.js)"/gu)) await follow(path);
    return [...found.values()];
  };

  it('keeps the initial scripts under the size limit', async () => {
    const scripts = await firstScripts();
    const size = scripts.reduce((sum, content) => sum + gzipSync(content).length, 0);
    assert.ok(scripts.length >= 2 && size <= LARGEST, `${String(size)} bytes of gzipped script`);
  });

  it('does not include a schema library', async () => {
    for (const { content } of await assets('.js'))
      assert.doesNotMatch(content.toString(), /ZodError|\$ZodType/u);
  });

  it('loads nothing from other origins', async () => {
    for (const { content } of await assets('.css')) {
      assert.doesNotMatch(content.toString(), /url\((?!#)|@import/u);
    }
  });
});
