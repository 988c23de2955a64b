// Bundles the command line into dist/: CommonJS, so that the thread pool can be sized before anything asynchronous, and
// in chunks, so that a command loads only what it needs.
import { chmodSync, copyFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });

const bundle = await rolldown({
  input: { main: join(root, 'src/cli/main.ts') },
  platform: 'node',
  treeshake: true,
  onLog(level, log, handler) {
    if (log.code !== 'CIRCULAR_DEPENDENCY') handler(level, log);
  },
});
await bundle.write({
  dir: dist,
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: 'chunks/[name]-[hash].cjs',
  minify: { mangle: false, compress: true, codegen: { removeWhitespace: true } },
  exports: 'named',
});
await bundle.close();
for (const [from, to] of [
  ['bootstrap.cjs', 'rgov.cjs'],
  ['compile-cache.cjs', 'compile-cache.cjs'],
]) {
  copyFileSync(join(root, 'src/cli', from), join(dist, to));
}
chmodSync(join(dist, 'rgov.cjs'), 0o755);
