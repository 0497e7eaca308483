import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

/** The address of the running stack (`npm start`) for `npm run dev`. */
const stack = process.env.PARLEY_DEV_STACK ?? 'http://127.0.0.1:8080';

/** The stack accepts only requests from its own origin. */
const toStack = { target: stack, changeOrigin: true, headers: { origin: stack } };

const COMPRESSIBLE = new Set([
  '.css',
  '.html',
  '.js',
  '.json',
  '.map',
  '.svg',
  '.txt',
  '.wasm',
  '.webmanifest',
  '.xml',
]);
const SMALLEST_COMPRESSED = 1_024;

/** Writes a `.br` and a `.gz` version of each file that compresses well, so that `web` compresses nothing at run time. */
const compressed = () => ({
  name: 'compressed',
  apply: 'build',
  async writeBundle({ dir }) {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    const files = entries.filter(
      (entry) => entry.isFile() && COMPRESSIBLE.has(extname(entry.name)),
    );
    await Promise.all(
      files.map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        const content = await readFile(path);
        if (content.length < SMALLEST_COMPRESSED) return;
        await writeFile(`${path}.br`, await promisify(brotliCompress)(content));
        await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
      }),
    );
  },
});

export default defineConfig({
  plugins: [react(), compressed()],
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Emit everything as files: the content security policy allows no `data:` scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: false,
    target: ['chrome123', 'firefox121', 'safari17.5'],
    chunkSizeWarningLimit: 700,
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/bff': toStack, '/socket.io': { ...toStack, ws: true } },
  },
});
