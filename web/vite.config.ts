import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { licenses } from './build/licenses.ts'
import { siblings } from './build/siblings.ts'

/** Where the server of `npm run dev` finds the API. */
const server = process.env.JACQUARD_URL ?? 'http://127.0.0.1:8188'

export default defineConfig({
  plugins: [react(), licenses(), siblings()],
  base: './', // a proxy may put the page into a folder
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/login', '/logout'].map((path) => [
        path,
        { target: server, ws: path === '/api', changeOrigin: true, headers: { Origin: server } },
      ]),
    ),
  },
  test: { environment: 'node', include: ['src/**/*.test.{ts,tsx}'] },
})
