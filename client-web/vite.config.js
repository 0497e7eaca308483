import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

/** Where `npm run dev` finds the running stack (`npm start`). */
const stack = process.env.PARLEY_DEV_STACK ?? 'http://127.0.0.1:8080';

/** The stack answers its own origin alone. */
const toStack = { target: stack, changeOrigin: true, headers: { origin: stack } };

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Everything is a file: the content security policy knows no data: scripts or styles.
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
