import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drop, failedEvent } from '../../support/watching.ts';
import type { Scenario } from './enumerate.ts';
import { type Expected, judgeState, type Violation } from './judge.ts';
import type { Stage } from './stage.ts';

const DAY_MS = 86_400_000;

const report = (id: string): string[] => ['report', 'failed', '--subject', `job/${id}`, '--id', id];

async function must(stage: Stage, args: readonly string[]): Promise<void> {
  const { code, stderr } = await stage.run(args);
  if (code !== 0) throw new Error(`rgov ${args.join(' ')}: ${code} ${stderr}`);
}

async function prepareEarlier(stage: Stage): Promise<void> {
  await must(stage, report('earlier'));
  await must(stage, ['reconcile']);
}

/** The very first report: no stage has a folder yet. */
export const FIRST_REPORT: Scenario = {
  name: 'the first report of all',
  prepare: async () => {},
  args: report('first'),
  isEmitter: true,
  isRepeated: true,
  expected: { events: ['first'], notices: 1, quarantined: 0 },
};

/** One more report, beside what is there. */
export const ONE_MORE_REPORT: Scenario = {
  name: 'one more report',
  prepare: prepareEarlier,
  args: report('later'),
  isEmitter: true,
  isRepeated: true,
  expected: { events: ['earlier', 'later'], notices: 2, quarantined: 0 },
};

/** A report without an id: nobody can say it again as the same fact. */
export const PLAIN_REPORT: Scenario = {
  name: 'a report without an id',
  prepare: prepareEarlier,
  args: ['report', 'failed', '--subject', 'job/plain'],
  isEmitter: true,
  expected: null,
  judge: async (stage, { code }) => {
    const found = readdirSync(join(stage.state, 'events'), { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('_job.plain_'));
    const isRight = code === 0 ? found.length === 1 : found.length <= 1;
    const violations: Violation[] = isRight ? [] : [{ check: 'events of one report', what: `${found.length} after exit code ${code}` }];
    return [...violations, ...judgeState(stage.state, stage.everReceived, { events: ['earlier'], notices: 1 + found.length, quarantined: 0 })];
  },
};

/** The first pass of all, with one event: every folder is made. */
export const FIRST_PASS: Scenario = {
  name: 'the first pass of all, with one event',
  prepare: (stage) => must(stage, report('only')),
  args: ['reconcile'],
  expected: { events: ['only'], notices: 1, quarantined: 0 },
};

/** Several drops at once, of which one cannot be read, beside what is there. */
export const BATCH: Scenario = {
  name: 'a pass with three dropped events and a bad file',
  prepare: async (stage) => {
    await prepareEarlier(stage);
    for (const id of ['a', 'b', 'c']) drop(stage.workspace.root, `${id}.json`, failedEvent(id));
    drop(stage.workspace.root, 'bad.json', '{ "specversion": ');
  },
  args: ['reconcile'],
  isShort: true,
  expected: { events: ['earlier', 'a', 'b', 'c'], notices: 4, quarantined: 1 },
};

/** A pass that looks around, and finds nothing to do. */
export const IDLE: Scenario = {
  name: 'a pass that finds nothing to do',
  forgets: '.cache/idle.json',
  prepare: async (stage) => {
    await prepareEarlier(stage);
    await stage.age();
    await must(stage, ['reconcile']);
  },
  args: ['reconcile'],
  staysAsItIs: true,
  expected: { events: ['earlier'], notices: 1, quarantined: 0 },
};

/** A pass that finds everything as the last one left it, as most runs from cron do. */
export const UNCHANGED: Scenario = {
  ...IDLE,
  name: 'a pass that finds nothing changed',
  prepare: async (stage) => {
    await IDLE.prepare(stage);
    await must(stage, ['reconcile']);
    if (!existsSync(join(stage.workspace.root, '.cache/idle.json'))) throw new Error('nothing says that nothing is to be done');
  },
  forgets: undefined,
};

const OLD: Expected = { events: ['old', 'older'], notices: 2, quarantined: 0 };

/** Events of two days that are over for good, decided and told today. */
async function prepareOldDays(stage: Stage): Promise<void> {
  for (const [id, days] of [
    ['old', 3],
    ['older', 4],
  ] as const) {
    drop(stage.workspace.root, `${id}.json`, { ...failedEvent(id), time: new Date(Date.now() - days * DAY_MS).toISOString() });
  }
  await must(stage, ['reconcile']);
}

/** A pass that seals two days. */
export const SEAL: Scenario = {
  name: 'a pass that seals two days',
  prepare: prepareOldDays,
  args: ['reconcile'],
  needsAge: true,
  isShort: true,
  expected: OLD,
  judge: async (stage) => [...judgeSeals(stage.state, 2), ...(await judgeByVerify(stage))],
};

/** Packs two sealed days away. What is packed is unpacked by tar, and judged like everything else. */
export const ARCHIVE: Scenario = {
  name: 'two sealed days are packed',
  prepare: async (stage) => {
    await prepareOldDays(stage);
    await stage.age();
    await must(stage, ['reconcile']);
    if (readdirSync(join(stage.state, 'seals')).length !== 2) throw new Error('the days are not sealed');
  },
  args: ['archive', '--before', '1d'],
  isRepeated: true,
  expected: null,
  judge: async (stage) => {
    const packed = readdirSync(join(stage.state, 'archives')).filter((name) => name.endsWith('.tar.gz'));
    const violations = await judgeByVerify(stage);
    if (packed.length !== 2) violations.push({ check: 'days packed', what: packed.join(', ') });
    const copy = mkdtempSync(join(tmpdir(), 'rgov-unpacked-'));
    try {
      cpSync(stage.state, copy, { recursive: true });
      for (const name of packed) execFileSync('tar', ['-xzf', join(copy, 'archives', name), '-C', copy]);
      return [...violations, ...judgeSeals(copy, 2), ...judgeState(copy, stage.everReceived, OLD)];
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  },
};

/** Whether `sha256sum -c` believes every seal, as a person would check it. */
function judgeSeals(state: string, count: number): Violation[] {
  const seals = readdirSync(join(state, 'seals')).filter((name) => name.endsWith('.sha256'));
  const violations: Violation[] = seals.length === count ? [] : [{ check: 'seals', what: `${seals.length} of ${count}: ${seals.join(', ')}` }];
  for (const seal of seals) {
    try {
      execFileSync('sha256sum', ['--check', '--strict', '--quiet', join('seals', seal)], { cwd: state, stdio: 'pipe' });
    } catch (error) {
      violations.push({ check: 'sha256sum -c of a seal', what: String(error) });
    }
  }
  return violations;
}

async function judgeByVerify(stage: Stage): Promise<Violation[]> {
  const { code, stdout, stderr } = await stage.run(['verify']);
  return code === 0 ? [] : [{ check: 'rgov verify', what: `${code}: ${stdout}${stderr}` }];
}
