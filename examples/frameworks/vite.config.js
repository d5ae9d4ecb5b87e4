/**
 * One configuration for the three pages. Run a server, and Vite beside it:
 *
 *   node examples/minimal/server.js
 *   npx vite --config examples/frameworks/vite.config.js examples/frameworks/react
 */
import { svelte } from '@sveltejs/vite-plugin-svelte'

export default {
  plugins: [svelte()],
  esbuild: { jsx: 'automatic' },
  define: { __VUE_OPTIONS_API__: true, __VUE_PROD_DEVTOOLS__: false, __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false },
  build: { target: 'es2022' },
  server: { proxy: { '/ws': { target: 'ws://localhost:8080', ws: true } } }
}
