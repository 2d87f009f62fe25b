import { defineConfig } from 'vite';

const server = process.env['GNOSIS_URL'] ?? 'http://127.0.0.1:7799';
// A development server stands between the browser and the program: the program must see its own name.
const toServer = { target: server, changeOrigin: true, headers: { origin: server } };
const proxy = { '/api': toServer, '/openapi.json': toServer, '/livez': toServer };

export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // the page's policy allows files of its own, not data: scripts or styles
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy },
  preview: { proxy },
});
