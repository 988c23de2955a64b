import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { median, type Row } from './measure.ts';
import { SETTLED_CHAINS, writeSettled } from './settled.ts';
import { removeAll } from './workload.ts';

const RUNS = 21;

/** A `reconcile` that has nothing to do, as cron starts it: empty, and beside 100,000 settled artifacts; each beside `node -e 0`. */
export async function measureColdStart(base: string, program: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [what, chains] of [
    ['on an empty tree', 0],
    [`beside ${(SETTLED_CHAINS * 5).toLocaleString('en')} settled artifacts`, SETTLED_CHAINS],
  ] as const) {
    const workspace = mkdtempSync(join(base, 'cold-'));
    run(program, workspace, 'init', '.');
    if (chains > 0) writeSettled(join(workspace, 'state'), chains);
    for (let i = 0; i < 2; i++) {
      run(program, workspace, 'reconcile');
      // Folders that changed a moment ago are looked at again; wait until they count as quiet.
      spawnSync('sleep', ['2.5']);
    }
    run(program, workspace, 'reconcile');
    const bare: number[] = [];
    const idle: number[] = [];
    for (let i = 0; i < RUNS; i++) {
      bare.push(start(workspace, ['-e', '0']));
      idle.push(start(workspace, [program, 'reconcile']));
    }
    const ratios = idle.map((ms, i) => ms / (bare[i] as number));
    rows.push(
      {
        what: `cold reconcile with nothing to do, ${what}`,
        median: `${median(idle).toFixed(1)} ms`,
        spread: range(idle),
        ratio: `${median(ratios).toFixed(2)} of node -e 0`,
        goal: '<= 1.60 of node -e 0',
      },
      { what: 'node -e 0, in turn with it', median: `${median(bare).toFixed(1)} ms`, spread: range(bare), ratio: '1', goal: '' },
      {
        what: `peak memory of that reconcile, ${what}`,
        median: `${peakMemoryMiB(workspace, [program, 'reconcile'])} MiB`,
        spread: '',
        ratio: `node -e 0: ${peakMemoryMiB(workspace, ['-e', '0'])} MiB`,
        goal: '',
      },
    );
    removeAll(workspace);
  }
  return rows;
}

const range = (values: readonly number[]): string => `${Math.min(...values).toFixed(1)} .. ${Math.max(...values).toFixed(1)}`;

function run(program: string, cwd: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`rgov ${args.join(' ')}: exit code ${status}\n${stderr}`);
}

function start(cwd: string, args: string[]): number {
  const before = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, args, { cwd, stdio: 'ignore' });
  const ms = Number(process.hrtime.bigint() - before) / 1e6;
  if (status !== 0) throw new Error(`${args.join(' ')}: exit code ${status}`);
  return ms;
}

/** Largest resident set of one run, as the kernel counted it. */
function peakMemoryMiB(cwd: string, args: string[]): string {
  const code = `import resource,subprocess,sys\nsubprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL)\nprint(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)`;
  const { stdout } = spawnSync('python3', ['-c', code, process.execPath, ...args], { cwd, encoding: 'utf8' });
  return (Number(stdout) / 1024).toFixed(0);
}
