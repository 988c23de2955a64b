import { defineConfig } from 'vitest/config';

/** `npm run test:fault`: everything hostile that takes minutes. Some of it needs root or a Debian package, and says so where that is missing. */
export default defineConfig({
  test: {
    include: ['test/**/*.fault.ts'],
    testTimeout: 1_200_000,
    hookTimeout: 300_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
