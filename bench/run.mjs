// npm run bench [-- chain|peers|bridge|watch|subjects|cold-start|gate|year ...] [--write-docs]: bundles the benchmarks and runs them with the
// thread pool of the real program. npm run year-tree -- DIR makes the tree of the benchmark `year` and leaves it there.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = mkdtempSync(join(root, 'dist-bench-'));
const bundle = await rolldown({
  input: { main: join(root, 'bench/main.ts'), 'rgov-worker': join(root, 'bench/peers/rgov-worker.ts') },
  platform: 'node',
});
await bundle.write({ dir: out, format: 'cjs', exports: 'named', entryFileNames: '[name].cjs', chunkFileNames: 'chunks/[name]-[hash].cjs' });
await bundle.close();
writeFileSync(join(out, 'start.cjs'), `require('./main.cjs').main(${JSON.stringify(root)}, ${JSON.stringify(process.argv.slice(2))});\n`);
const env = { ...process.env, UV_THREADPOOL_SIZE: '64' };
// On Node 20 it costs 54 ms at every start.
delete env.NODE_EXTRA_CA_CERTS;
const { status } = spawnSync(process.execPath, [join(out, 'start.cjs')], { stdio: 'inherit', env });
rmSync(out, { recursive: true, force: true });
process.exit(status ?? 1);
