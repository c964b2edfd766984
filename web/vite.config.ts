import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const server = process.env.JACQUARD_URL ?? 'http://127.0.0.1:8199'

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    assetsDir: 'assets',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 900,
  },
  server: { proxy: { '/api': { target: server, ws: true } } },
  test: { environment: 'node', include: ['src/**/*.test.ts', 'test/**/*.test.ts'] },
} as never)
