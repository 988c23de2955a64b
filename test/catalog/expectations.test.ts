import { describe, expect, it } from 'vitest';
import type { Catalog } from '../../src/model/catalog.ts';
import { brief, load, workspaceWith } from './support.ts';

const HEAD = 'apiVersion: reporting-governance/v1\n';
const pack = (expectations: string, more = ''): string => `${HEAD}kind: PolicyPack\nmetadata: {name: base}\nspec:\n${more}  expect:\n${expectations}`;
const binding = (more: string): string =>
  `${HEAD}kind: RuntimeBinding\nmetadata: {name: main}\nspec:\n  profile: base\n  state: state\n${more}` +
  '  targets: {operator: {sender: inbox}, oncall: {sender: pager, address: "https://pager.example/in"}}\n' +
  '  senders: {inbox: {use: file, with: {directory: ./notices}}, pager: {use: webhook}}\n';

async function catalogOf(files: Record<string, string>): Promise<Catalog> {
  const loaded = await load(workspaceWith(files));
  expect(brief(loaded)).toEqual([]);
  return loaded.catalog as Catalog;
}

const ALL = `    - id: backup
      reason: A backup that nobody misses is none.
      subject: job/nightly-backup
      schedule: {cron: 0 3 * * *, timezone: Europe/Berlin}
      grace: 30m
      early: 1h
      severity: critical
      remind: {every: 4h, atMost: 3}
      produces: {path: "backups/*.tar.zst", newerThan: start, minBytes: 1024}
    - {id: hourly, subject: agent/*, schedule: "@hourly"}
    - {id: daily, subject: agent/**, every: 24h, grace: 2h, remind: {every: 1d}}
    - {id: speaks, subject: agent/*, after: run.started, expect: [run.progress, run.succeeded], within: 15m}
    - {id: leaves-a-file, subject: job/report, produces: {path: /var/report.pdf, newerThan: 24h, minBytes: 0}, grace: 5m}
`;

describe('expectations', () => {
  it('resolve to plain data, those of packs before those of the binding', async () => {
    const catalog = await catalogOf({
      'policy/base.yaml': pack(ALL),
      'policy/shipped.yaml': `${HEAD}kind: PolicyPack\nmetadata: {name: shipped}\nspec:\n  expect: [{id: backup, subject: job/x, every: 1h}]\n`,
      'bindings/main.yaml': binding('  expect: [{id: backup, subject: job/y, every: 2h, severity: info}]\n'),
    });
    expect(catalog.rules).toEqual([]);
    expect(catalog.expectations.map(({ declaredBy, id }) => `${declaredBy}/${id}`)).toEqual([
      'base/backup',
      'base/hourly',
      'base/daily',
      'base/speaks',
      'base/leaves-a-file',
      'shipped/backup',
      'binding/main/backup',
    ]);
    const plain = catalog.expectations.map(({ digest, ...rest }) => ({ ...rest, digest: digest.length }));
    expect(plain[0]).toEqual({
      declaredBy: 'base',
      id: 'backup',
      reason: 'A backup that nobody misses is none.',
      subject: 'job/nightly-backup',
      severity: 'critical',
      due: { kind: 'schedule', cron: '0 3 * * *', timezone: 'Europe/Berlin', grace_ms: 1_800_000, early_ms: 3_600_000 },
      expect: [],
      produces: { path: 'backups/*.tar.zst', newerThan: 'start', minBytes: 1024, grace_ms: 1_800_000 },
      remind: { every_ms: 14_400_000, atMost: 3 },
      digest: 64,
    });
    expect(plain[1]).toMatchObject({
      severity: 'error',
      reason: '',
      due: { kind: 'schedule', cron: '@hourly', timezone: 'UTC', grace_ms: 0, early_ms: 0 },
      produces: null,
      remind: null,
    });
    expect(plain[2]).toMatchObject({
      due: { kind: 'every', every_ms: 86_400_000, grace_ms: 7_200_000 },
      remind: { every_ms: 86_400_000, atMost: 6 },
    });
    expect(plain[3]).toMatchObject({ due: { kind: 'after', after: 'run.started', within_ms: 900_000 }, expect: ['run.progress', 'run.succeeded'] });
    expect(plain[4]).toMatchObject({ due: null, produces: { path: '/var/report.pdf', newerThan: 86_400_000, minBytes: 0, grace_ms: 300_000 } });
    expect(plain[6]).toMatchObject({ declaredBy: 'binding/main', severity: 'info' });
  });

  it('have another digest exactly where something decides otherwise', async () => {
    const written = 'subject: job/a, schedule: {cron: 0 3 * * *}, grace: 30m';
    const digest = async (text: string): Promise<string | undefined> =>
      (await catalogOf({ 'policy/base.yaml': pack(`    - {id: one, ${text}}\n`) })).expectations[0]?.digest;
    const original = await digest(written);
    for (const same of [
      `${written}, reason: Other words`,
      `${written}, severity: info`,
      written.replace('{cron: 0 3 * * *}', '0 3 * * *'),
      written.replace('30m', '1800s'),
    ])
      expect(await digest(same), same).toBe(original);
    for (const other of [
      written.replace('job/a', 'job/b'),
      written.replace('0 3', '0 4'),
      written.replace('* * *}', '* * *, timezone: Europe/Berlin}'),
      written.replace('30m', '31m'),
      `${written}, early: 1m`,
      `${written}, expect: [run.succeeded]`,
      `${written}, produces: {path: x}`,
      `${written}, remind: {every: 1h}`,
    ])
      expect(await digest(other), other).not.toBe(original);
  });

  it.each([
    ['leeway as long as the gap', '{id: one, subject: job/a, schedule: "@hourly", grace: 40m, early: 20m}'],
    ['no leeway', '{id: one, subject: job/a, schedule: "@hourly", grace: 0s, early: 0m}'],
    ['grace as long as every', '{id: one, subject: job/a, every: 1h, grace: 60m}'],
    ['a long leeway once a day', '{id: one, subject: job/a, schedule: {cron: 0 3 * * *, timezone: America/New_York}, grace: 12h, early: 10h}'],
    ['a reminder that comes later than the next run', '{id: one, subject: job/a, schedule: "@hourly", remind: {every: 7d, atMost: 100}}'],
    ['an answer that is the question again', '{id: one, subject: agent/*, after: run.progress, expect: [run.progress, run.succeeded], within: 5m}'],
    [
      'grace for the output of a run',
      '{id: one, subject: agent/*, after: run.started, expect: [run.succeeded], within: 5m, grace: 1m, produces: {path: x}}',
    ],
    ['an undelivered report', '{id: one, subject: job/a, every: 1h, expect: [run.succeeded, report.undelivered]}'],
    ['29 February', '{id: one, subject: job/a, schedule: 0 0 29 2 *, grace: 30d}'],
  ])('may ask for %s', async (_, expectation) => {
    await catalogOf({ 'policy/base.yaml': pack(`    - ${expectation}\n`) });
  });

  it('may bear the id of a rule, and name the types that their pack declares', async () => {
    const rules = '  eventTypes: [deploy.done]\n  notify: [{id: one, when: event.type == "report.overdue", target: operator}]\n';
    const expectation = '    - {id: one, subject: job/a, after: run.started, within: 1h, expect: [deploy.done]}\n';
    await catalogOf({ 'policy/base.yaml': pack(expectation, rules) });
  });

  it('of a binding may name the types that the packs in force declare', async () => {
    const expecting = binding('  expect: [{id: one, subject: job/a, after: run.started, within: 1h, expect: [deploy.done]}]\n');
    const declaring = (name: string): string =>
      pack('    - {id: one, subject: job/a, every: 1h}\n', '  eventTypes: [deploy.done]\n').replace('name: base', `name: ${name}`);
    await catalogOf({ 'policy/base.yaml': declaring('base'), 'bindings/main.yaml': expecting });
    const elsewhere = await load(workspaceWith({ 'policy/other.yaml': declaring('other'), 'bindings/main.yaml': expecting }));
    expect(brief(elsewhere)).toEqual(['bindings/main.yaml 7:79 unknown_word']);
  });

  it('are checked by the hundreds in time that grows as their number does', async () => {
    const files = (count: number): Record<string, string> => {
      const many = Array.from({ length: count }, (_, n) => `    - {id: e${n}, subject: job/${n}, schedule: ${n % 60} ${n % 24} * * *, grace: 12h}\n`);
      return { 'policy/base.yaml': pack(many.join('')) };
    };
    /** Processor time, which a busy machine leaves as it is; the least of several, as the first one warms everything up. */
    const least = async (count: number): Promise<number> => {
      const taken: number[] = [];
      for (let round = 0; round < 4; round++) {
        const begun = process.cpuUsage();
        expect((await catalogOf(files(count))).expectations).toHaveLength(count);
        const { user, system } = process.cpuUsage(begun);
        taken.push(user + system);
      }
      return Math.min(...taken);
    };
    const few = await least(100);
    // Five times as many: 25 times as much if each were compared with each other.
    expect((await least(500)) / few).toBeLessThan(12);
  });
});

describe('escalation', () => {
  it('resolves in order of time', async () => {
    const rule =
      '{id: one, when: event.type == "run.failed", target: operator, escalate: [{after: 30m, target: oncall}, {after: 1h, target: operator}]}';
    const { rules } = await catalogOf({ 'policy/base.yaml': `${HEAD}kind: PolicyPack\nmetadata: {name: base}\nspec:\n  notify: [${rule}]\n` });
    expect(rules[0]?.escalate).toEqual([
      { after_ms: 1_800_000, target: 'oncall' },
      { after_ms: 3_600_000, target: 'operator' },
    ]);
  });
});

describe('what a binding says of the watchdog', () => {
  it.each([
    ['', 3_600_000],
    ['  schedule: {every: 5m}\n', 900_000],
    ['  schedule: {every: 10s}\n', 60_000],
    ['  schedule: {every: 5m, gapAfter: 6m}\n', 360_000],
    ['  schedule: {cron: "*/10 * * * *"}\n', 1_800_000],
    ['  schedule: {cron: "@daily", timezone: Europe/Berlin}\n', 3 * 25 * 3_600_000],
    ['  schedule: {cron: "* 8-17 * * MON-FRI", gapAfter: 63h}\n', 63 * 3_600_000],
  ])('%j: a gap after %d ms', async (text, expected) => {
    const catalog = await catalogOf({ 'bindings/main.yaml': binding(text) });
    expect(catalog).toMatchObject({ gapAfter_ms: expected, heartbeat: null });
  });

  it.each([
    ['{url: "https://status.example/beat"}', { kind: 'url', to: 'https://status.example/beat', every_ms: 60_000 }],
    ['{url: {env: PING_URL}, every: 5m}', { kind: 'url', to: { env: 'PING_URL' }, every_ms: 300_000 }],
    ['{file: state/beat, every: 1s}', { kind: 'file', to: 'state/beat', every_ms: 1000 }],
  ])('heartbeat: %s', async (text, expected) => {
    expect((await catalogOf({ 'bindings/main.yaml': binding(`  heartbeat: ${text}\n`) })).heartbeat).toEqual(expected);
  });
});
