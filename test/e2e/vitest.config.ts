import { defineConfig } from 'vitest/config';

/** `npm run test:e2e`: what is too large for every run (800 MB from the npm registry, minutes). The normal run looks for `*.test.ts` only. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.e2e.ts'],
    testTimeout: 30 * 60_000,
    hookTimeout: 15 * 60_000,
    fileParallelism: false,
  },
});
