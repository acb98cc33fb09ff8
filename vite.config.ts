/** The page: one React entry, one module worker that alone carries tfjs. Relative paths, so that any folder can serve it. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const chunkNames = {
  entryFileNames: 'assets/[name]-[hash].js',
  chunkFileNames: 'assets/[name]-[hash].js',
  assetFileNames: 'assets/[name]-[hash][extname]',
};

export default defineConfig({
  base: './',
  plugins: [react()],
  server: { host: 'localhost', port: 5173 },
  preview: { host: 'localhost', port: 4173 },
  worker: {
    format: 'es',
    rolldownOptions: {
      output: {
        ...chunkNames,
        // The parties of private inference have a bundle and a budget of their own.
        entryFileNames: ({ name }) => `assets/${name === 'partyWorker' ? 'party' : 'worker'}-[hash].js`,
        chunkFileNames: 'assets/worker-[name]-[hash].js',
      },
    },
  },
  build: {
    target: 'es2023',
    // tfjs is large and cannot be cut further; scripts/size.mjs holds the budgets.
    chunkSizeWarningLimit: 3000,
    rolldownOptions: { output: chunkNames },
  },
});
