import { defineConfig } from 'vite';

const server = process.env['GNOSIS_URL'] ?? 'http://127.0.0.1:7799';
// The program accepts only requests for its own host and origin, so the development server sets both.
const toServer = { target: server, changeOrigin: true, headers: { origin: server } };
const proxy = { '/api': toServer, '/openapi.json': toServer, '/livez': toServer };

export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // the content security policy forbids data: scripts and styles
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy },
  preview: { proxy },
});
