import { mkdirSync, mkdtempSync, readdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commitAll, gitStatus } from './git-tree.ts';
import { median, QUICK, type Row, thousands } from './measure.ts';
import { startReceiver, type WebhookReceiver } from './receiver.ts';
import { bindTo, initWorkspace, peakMemoryMiB, runRgov, timeOf } from './rgov-command.ts';
import { ARTIFACTS_PER_CHAIN, writeSettled } from './settled.ts';
import { removeAll } from './workload.ts';

const RUNS = QUICK ? 3 : 21;
/** `git status` takes seconds on the largest tree. */
const RUNS_OF_GIT = QUICK ? 2 : 7;
const PASSES_WITH_WORK = QUICK ? 2 : 11;
const SIZES = QUICK ? [1_000] : [0, 1_000, 100_000, 1_000_000];
/** Of an artifact in the tree, and of it once more in git's pack and index. */
const BYTES_EACH = 5_500;
const NEVER = '500w';

/** `reconcile` as cron starts it, with nothing to do and with one notice, beside so many settled artifacts, before and after they were sealed. */
export async function measureColdStart(base: string, root: string): Promise<Row[]> {
  const rows: Row[] = [];
  const receiver = await startReceiver(join(root, 'bench/receiver.mjs'));
  try {
    for (const artifacts of SIZES) {
      const why = whyNoRoom(base, artifacts);
      if (why === null) rows.push(...(await measureTree(base, artifacts, { program: join(root, 'dist/rgov.cjs'), receiver })));
      else console.log(`${thousands(artifacts)} artifacts are left out: ${why}`);
    }
  } finally {
    receiver.stop();
  }
  return rows;
}

interface Setting {
  program: string;
  receiver: WebhookReceiver;
}

async function measureTree(base: string, artifacts: number, setting: Setting): Promise<Row[]> {
  const { program, receiver } = setting;
  const workspace = mkdtempSync(join(base, 'cold-'));
  initWorkspace(program, workspace, receiver.port, NEVER);
  if (artifacts > 0) {
    console.log(`making ${thousands(artifacts)} artifacts ...`);
    writeSettled(join(workspace, 'state'), artifacts / ARTIFACTS_PER_CHAIN);
  }
  await settleDown(program, workspace);
  await commitAll(workspace, 'work');
  const what = artifacts === 0 ? 'on an empty tree' : `beside ${thousands(artifacts)} settled artifacts`;
  const rows = await measureState(workspace, what, artifacts, setting);
  if (artifacts > 0) {
    console.log(`sealing ${thousands(artifacts)} artifacts ...`);
    bindTo(workspace, receiver.port, '24h');
    await sealAll(program, workspace);
    await commitAll(workspace, 'seals');
    rows.push(...(await measureState(workspace, `${what}, sealed`, artifacts, setting)));
  }
  removeAll(workspace);
  return rows;
}

/** Folders that changed a moment ago are looked at again; passes until everything counts as quiet. */
async function settleDown(program: string, workspace: string): Promise<void> {
  for (let i = 0; i < 2; i++) {
    runRgov(program, workspace, ['reconcile']);
    await sleep(2_500);
  }
  runRgov(program, workspace, ['reconcile']);
}

/** A pass seals a few days at most. */
async function sealAll(program: string, workspace: string): Promise<void> {
  const seals = join(workspace, 'state/seals');
  mkdirSync(seals, { recursive: true });
  for (let before = -1; before !== readdirSync(seals).length; ) {
    before = readdirSync(seals).length;
    runRgov(program, workspace, ['reconcile']);
  }
  await settleDown(program, workspace);
}

async function measureState(workspace: string, what: string, artifacts: number, { program, receiver }: Setting): Promise<Row[]> {
  const bare: number[] = [];
  const idle: number[] = [];
  const git: number[] = [];
  const node = process.execPath;
  // Once for the caches.
  gitStatus(workspace);
  for (let i = -1; i < RUNS; i++) {
    const round = [timeOf(workspace, node, ['-e', '0']), timeOf(workspace, node, [program, 'reconcile'])] as const;
    const status = i < RUNS_OF_GIT ? gitStatus(workspace) : null;
    if (i < 0) continue;
    bare.push(round[0]);
    idle.push(round[1]);
    if (status !== null) git.push(status);
  }
  const memory = { bare: peakMemoryMiB(workspace, ['-e', '0']), idle: peakMemoryMiB(workspace, [program, 'reconcile']) };
  const work = await passesWithWork(workspace, program, receiver);
  const ratios = idle.map((ms, i) => ms / (bare[i] as number));
  const besideGit = git.map((ms, i) => ms / (idle[i] as number));
  return [
    row(`cold reconcile with nothing to do, ${what}`, idle, `${median(ratios).toFixed(2)} of node -e 0`, '<= 1.15 of node -e 0'),
    row('node -e 0, in turn with it', bare, '1'),
    row(
      'git status on that tree, in turn with it',
      git,
      `rgov is ${median(besideGit).toFixed(1)} times as fast`,
      artifacts >= 1_000_000 ? '>= 40' : '',
    ),
    row(
      `cold reconcile that decides and delivers one notice, ${what}`,
      work.passes,
      `${median(work.passes.map((ms, i) => ms / (2 * (work.bare[i] as number)))).toFixed(2)} of 2 x node -e 0`,
      '<= 1 and the work',
    ),
    {
      what: `peak memory of a reconcile with nothing to do, and with one notice, ${what}`,
      median: `${memory.idle} MiB, ${work.peakMiB} MiB`,
      spread: '',
      ratio: `node -e 0: ${memory.bare} MiB`,
      goal: '',
    },
  ];
}

/** Words about the same subject within some hours are told once. */
let subjects = 0;

/** An event is recorded; then, timed, the pass that decides it, delivers its notice and writes the receipt. */
async function passesWithWork(workspace: string, program: string, receiver: WebhookReceiver) {
  const passes: number[] = [];
  const bare: number[] = [];
  let peakMiB = 0;
  const { count: before } = await receiver.seen(0);
  for (let i = -1; i <= PASSES_WITH_WORK; i++) {
    runRgov(program, workspace, ['report', 'failed', '--subject', `job/work-${++subjects}`]);
    if (i === PASSES_WITH_WORK) {
      peakMiB = peakMemoryMiB(workspace, [program, 'reconcile']);
      break;
    }
    const round = [timeOf(workspace, process.execPath, ['-e', '0']), timeOf(workspace, process.execPath, [program, 'reconcile'])] as const;
    if (i < 0) continue;
    bare.push(round[0]);
    passes.push(round[1]);
  }
  const { count } = await receiver.seen(0);
  if (count - before !== PASSES_WITH_WORK + 2) throw new Error(`${count - before} notices arrived of ${PASSES_WITH_WORK + 2}`);
  return { passes, bare, peakMiB };
}

function row(what: string, times: readonly number[], ratio: string, goal = ''): Row {
  return {
    what,
    median: `${median(times).toFixed(1)} ms`,
    spread: `${Math.min(...times).toFixed(1)} .. ${Math.max(...times).toFixed(1)}`,
    ratio,
    goal,
  };
}

function whyNoRoom(base: string, artifacts: number): string | null {
  const { bavail, bsize, ffree } = statfsSync(base);
  const files = artifacts * 1.1;
  // Some file systems have as many inodes as they have room for, and say 0.
  if (ffree > 0 && ffree < files) return `the file system has room for ${thousands(ffree)} files; try bench/with-disk.sh`;
  if (bavail * bsize < artifacts * BYTES_EACH) return 'the file system has too little room; try bench/with-disk.sh';
  return null;
}
