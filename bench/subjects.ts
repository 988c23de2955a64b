import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { liveApplier } from '../src/run/applier.ts';
import { completePass } from '../src/run/complete-pass.ts';
import { recordOne } from '../src/run/record.ts';
import { openWorkspace } from '../src/run/workspace.ts';
import { Publisher } from '../src/store/publish.ts';
import { median, type Row } from './measure.ts';
import { removeAll } from './workload.ts';

const SUBJECTS = 10_000;
const PASSES = 15;

/** One pass over 10,000 subjects that all owe a word, one of which has just spoken: as cron starts it. */
export async function measureSubjects(base: string, program: string): Promise<Row[]> {
  const workspace = mkdtempSync(join(base, 'subjects-'));
  const rgov = (args: string[], input = ''): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      cwd: workspace,
      encoding: 'utf8',
      input,
      maxBuffer: 1 << 28,
    });
    if (status !== 0) throw new Error(`rgov ${args.join(' ')}: exit code ${status}\n${stderr}`);
    return stdout;
  };
  rgov(['init', '.']);
  writeFileSync(
    join(workspace, 'policy/everybody.yaml'),
    `apiVersion: reporting-governance/v1
kind: PolicyPack
metadata: { name: everybody }
spec:
  expect:
    - { id: daily, subject: "job/*", schedule: { cron: "0 3 * * *", timezone: Europe/Berlin }, grace: 30m }
`,
  );
  writeFileSync(
    join(workspace, 'profiles/local-file.yaml'),
    `apiVersion: reporting-governance/v1
kind: Profile
metadata: { name: local-file }
spec: { posture: notify, policy: [unattended-work, everybody], requires: acknowledged, binding: { targets: [operator] } }
`,
  );
  const now = Date.now();
  const words = Array.from({ length: SUBJECTS }, (_, i) => ({
    specversion: '1.0',
    id: `w${i}`,
    source: 'bench',
    type: 'run.succeeded',
    subject: `job/nightly-${i}`,
    time: new Date(now - 60_000 + i).toISOString(),
  }));
  rgov(['ingest', 'cloudevents'], JSON.stringify(words));
  for (let i = 0; i < 3; i++) {
    rgov(['reconcile']);
    await sleep(2_500);
  }
  const passes: number[] = [];
  const wholes: number[] = [];
  for (let i = 0; i < PASSES; i++) {
    rgov(['report', 'succeeded', '--subject', `job/nightly-${i}`]);
    const before = performance.now();
    const { startedAt, finishedAt } = JSON.parse(rgov(['reconcile', '--json'])) as { startedAt: string; finishedAt: string };
    wholes.push(performance.now() - before);
    passes.push(Date.parse(finishedAt) - Date.parse(startedAt));
  }
  const warm = await warmPasses(workspace);
  removeAll(workspace);
  const spread = (values: readonly number[]): string => `${Math.min(...values).toFixed(0)} .. ${Math.max(...values).toFixed(0)}`;
  return [
    {
      what: `one pass over ${SUBJECTS.toLocaleString('en')} subjects that owe a word every night, after one of them spoke`,
      median: `${median(passes).toFixed(0)} ms`,
      spread: spread(passes),
      ratio: '',
      goal: '<= 150 ms',
    },
    {
      what: 'the same in a process that has made a pass before, as watch has',
      median: `${median(warm).toFixed(0)} ms`,
      spread: spread(warm),
      ratio: '',
      goal: '<= 150 ms',
    },
    {
      what: 'that reconcile as a whole, from the start of the process',
      median: `${median(wholes).toFixed(0)} ms`,
      spread: spread(wholes),
      ratio: '',
      goal: '',
    },
  ];
}

async function warmPasses(root: string): Promise<number[]> {
  const workspace = await openWorkspace({ workspace: root });
  const live = liveApplier(workspace, Date.now, { lasting: true });
  const publisher = new Publisher(workspace.layout, 'bench');
  const taken: number[] = [];
  for (let i = 0; i < PASSES; i++) {
    recordOne(
      publisher,
      { source: 'bench', id: `warm-${i}`, type: 'run.succeeded', subject: `job/nightly-${i}`, provenance: 'observed' },
      Date.now(),
    );
    const before = performance.now();
    await completePass(workspace, live, { clock: Date.now });
    if (i > 0) taken.push(performance.now() - before);
  }
  await live.close();
  return taken;
}
