// npm run bench [-- chain|bridge|watch|subjects|cold-start ...]: bundles the benchmarks and runs them with the thread pool of the real program.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = mkdtempSync(join(root, 'dist-bench-'));
const bundle = await rolldown({ input: join(root, 'bench/main.ts'), platform: 'node' });
await bundle.write({ dir: out, format: 'cjs', exports: 'named', entryFileNames: 'main.cjs', chunkFileNames: 'chunks/[name]-[hash].cjs' });
await bundle.close();
writeFileSync(join(out, 'start.cjs'), `require('./main.cjs').main(${JSON.stringify(root)}, ${JSON.stringify(process.argv.slice(2))});\n`);
const env = { ...process.env, UV_THREADPOOL_SIZE: '64' };
// On Node 20 it costs 54 ms at every start.
delete env.NODE_EXTRA_CA_CERTS;
const { status } = spawnSync(process.execPath, [join(out, 'start.cjs')], { stdio: 'inherit', env });
rmSync(out, { recursive: true, force: true });
process.exit(status ?? 1);
