import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EventDraft } from '../src/model/event.ts';
import { canonicalEvent } from '../src/model/event.ts';
import { eventName, fileName } from '../src/model/names.ts';
import { asStored, type Publication, publication } from '../src/model/publication.ts';
import { decide } from '../src/plan/decide.ts';
import { dispatch } from '../src/plan/dispatch.ts';
import { enqueue } from '../src/plan/enqueue.ts';
import { createHistory } from '../src/plan/features/dedupe/index.ts';
import { settle } from '../src/plan/settle.ts';
import { thisOwner } from '../src/run/host.ts';
import { median, type Row } from './measure.ts';
import { removeAll, webhookCatalog } from './workload.ts';

const RUNS = 21;
const SETTLED_CHAINS = 20_000;
const DAYS = 100;
const DAY_MS = 86_400_000;

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

/** Settled chains over many days, written without syncs: what lies there counts, not how it came there. */
function writeSettled(state: string, chains: number): void {
  const catalog = webhookCatalog(1);
  const sender = catalog.senders['hook'];
  const target = catalog.targets['operator'];
  if (!sender || !target) throw new Error('the catalog of the benchmark is incomplete');
  const made = new Set<string>();
  const write = (item: Publication): void => {
    const path = join(state, item.link.path);
    if (!made.has(dirname(path))) mkdirSync(dirname(path), { recursive: true });
    made.add(dirname(path));
    writeFileSync(path, item.bytes, { mode: 0o600 });
  };
  const start_ms = Date.now() - (DAYS + 1) * DAY_MS;
  for (let i = 0; i < chains; i++) {
    const time_ms = start_ms + Math.floor((i * DAYS * DAY_MS) / chains);
    const draft: EventDraft = {
      source: 'bench',
      id: `settled-${i}`,
      type: 'run.failed',
      subject: `job/nightly-${i % 10}`,
      time: new Date(time_ms).toISOString(),
      provenance: 'observed',
      data: { summary: 'exit code 3' },
    };
    const document = canonicalEvent(draft, time_ms);
    const name = eventName(document);
    const event = publication('event', 'events', name, fileName.event(name), document);
    const decision = decide({ ...asStored(name, event), duplicateOf: null }, catalog, { evaluate: () => true }, createHistory([]));
    write(event);
    write(decision);
    for (const required of decision.document.notices) {
      const item = enqueue(required, asStored(name, event), decision.link);
      const notice = asStored(required.id, item);
      const step = dispatch(notice, sender, target, 1, null, { now_ms: time_ms, owner: thisOwner() });
      if (step.kind !== 'dispatch') throw new Error('expected a handoff');
      write(item);
      write(step.publication);
      write(settle({ notice, handoff: step.publication.link, number: 1, sender }, { kind: 'proved', level: 'accepted', reference: 'm-1' }, time_ms));
    }
  }
}
