import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CliWorkspace } from '../support/cli-workspace.ts';

const DAY_MS = 86_400_000;
let place: CliWorkspace;

beforeEach(() => {
  place = new CliWorkspace();
});
afterEach(() => place.remove());

/** Under `spec:` of the binding, which is the last key of the document. */
const expectations = (...lines: string[]): void =>
  appendFileSync(join(place.root, 'bindings/default.yaml'), `  expect:\n${lines.map((line) => `    ${line}\n`).join('')}`);

const json = <T>(args: string[]): T => JSON.parse(place.run([...args, '--json']).stdout) as T;
interface Planned {
  steps: { step: string; path: string }[];
  due: { what: string; whom: string; notices: { target: string }[] }[];
  ahead: { at: string; kind: string; what: string; whom: string; why: string; notices: { rule: string; target: string }[]; withheld: unknown[] }[];
}
const events = (): string[] => {
  try {
    return readdirSync(join(place.state, 'events')).flatMap((day) => readdirSync(join(place.state, 'events', day)));
  } catch {
    return [];
  }
};

describe('rgov plan', () => {
  it('finds what is due without writing anything down', () => {
    expectations('- { id: nightly, subject: job/backup, schedule: { cron: "0 3 * * *" }, grace: 30m }');
    const { due, ahead } = json<Planned>(['plan']);
    expect(due.map(({ what, whom }) => [what, whom])).toEqual([
      ['expectation.in_force', 'expectation/binding/default/nightly'],
      ['report.overdue', 'job/backup'],
    ]);
    expect(due[1]?.notices).toMatchObject([{ target: 'operator' }]);
    expect(ahead).toEqual([]);
    expect(events()).toEqual([]);
  });

  it('looks ahead with --until: when, what, why and to whom, in order of time', () => {
    expectations('- { id: nightly, subject: job/backup, schedule: { cron: "0 3 * * *" }, grace: 30m, remind: { every: 1h, atMost: 2 } }');
    place.run(['report', 'succeeded', '--subject', 'job/backup']);
    place.run(['reconcile']);
    const before = events();
    const { ahead } = json<Planned>(['plan', '--until', '30h']);
    const next_ms = Math.ceil((Date.now() - 3 * 3_600_000) / DAY_MS) * DAY_MS + 3.5 * 3_600_000;
    expect(ahead.map(({ at, what, whom }) => [Date.parse(at) - next_ms, what, whom])).toEqual([
      [0, 'report.overdue', 'job/backup'],
      [3_600_000, 'report.overdue', 'job/backup'],
      [7_200_000, 'report.overdue', 'job/backup'],
    ]);
    for (const item of ahead) expect(item.notices).toMatchObject([{ rule: 'silence-reaches-operator', target: 'operator' }]);
    expect(ahead[0]?.why).toContain('it must report at 0 3 * * * (UTC) within 30m');
    expect(events()).toEqual(before);
    expect(json<Planned>(['plan', '--until', '1m']).ahead).toEqual([]);
    const text = place.run(['plan', '--until', '30h']).stdout;
    expect(text).toMatch(
      /within 1d 6h, if nothing more is heard:\nin .*report\.overdue {2}job\/backup\n.*\n {11}-> operator, by silence-reaches-operator/,
    );
  });

  it('counts the deadlines of notices that are not proved', () => {
    place.run(['run', '--subject', 'job/x', '--', 'false']);
    place.run(['reconcile']);
    expect(json<Planned>(['plan', '--until', '1h']).ahead).toMatchObject([{ kind: 'event', what: 'notice.overdue', whom: 'job/x', notices: [] }]);
  });

  it('judges as of a moment with --at', () => {
    expectations('- { id: hourly, subject: job/backup, every: 1h }');
    place.run(['report', 'succeeded', '--subject', 'job/backup']);
    place.run(['reconcile']);
    const at = (ms: number): string => new Date(Date.now() + ms).toISOString();
    expect(json<Planned>(['plan', '--at', at(59 * 60_000)]).due).toEqual([]);
    expect(json<Planned>(['plan', '--at', at(61 * 60_000)]).due).toMatchObject([{ what: 'report.overdue' }]);
    // Before the word came, nobody had ever heard of the subject.
    expect(json<Planned>(['plan', '--at', at(-DAY_MS)]).due).toMatchObject([{ what: 'report.overdue' }]);
  });

  it.each([
    ['--until', 'soon'],
    ['--until', '-1h'],
    ['--at', 'tomorrow'],
    ['--at', '2026-02-30T00:00:00Z'],
    ['--at', '2026-11-23T03:00:00'],
  ])('refuses %s %s', (option, value) => {
    const ran = place.run(['plan', `${option}=${value}`]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(value);
    expect(ran.stderr).toContain(`hint:     rgov plan ${option} `);
  });
});

it('rgov status says who is silent, also before a pass has', () => {
  expectations('- { id: nightly, subject: job/backup, schedule: { cron: "0 3 * * *" } }');
  const before = place.run(['status', '--json']);
  expect(before.code).toBe(1);
  expect(JSON.parse(before.stdout)).toMatchObject({ silent: [{ subject: 'job/backup', expectation: 'binding/default/nightly', lastWord: null }] });
  place.run(['report', 'succeeded', '--subject', 'job/backup']);
  place.run(['reconcile']);
  expect(JSON.parse(place.run(['status', '--json']).stdout)).toMatchObject({ silent: [] });
});

it('a word is recorded also while an edit has made the documents invalid', () => {
  place.run(['reconcile']);
  appendFileSync(join(place.root, 'policy/unattended-work.yaml'), '\nbogus: 1\n');
  expect(place.run(['validate']).code).toBe(2);
  expect(place.run(['report', 'failed', '--subject', 'job/backup'])).toMatchObject({ code: 0, stderr: '' });
  expect(place.run(['run', '--subject', 'job/other', '--', 'false'])).toMatchObject({ code: 1, stderr: '' });
  expect(events().length).toBe(3);
  expect(place.run(['reconcile']).code).toBe(2);
});

it('rgov validate names packs of the workspace that are not in force', () => {
  writeFileSync(
    join(place.root, 'policy/idle.yaml'),
    'apiVersion: reporting-governance/v1\nkind: PolicyPack\nmetadata: { name: idle }\nspec: { expect: [{ id: x, subject: job/x, every: 1h }] }\n',
  );
  const ran = place.run(['validate']);
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain('not in force  policy/idle.yaml: the profile local-file does not name the pack "idle"');
});

describe('the record of a subject', () => {
  const record = (): string => join(place.state, 'subjects/job.backup.json');
  beforeEach(() => {
    place.run(['report', 'succeeded', '--subject', 'job/backup']);
    place.run(['report', 'succeeded', '--subject', 'job/backups']);
    place.run(['reconcile']);
    place.run(['reconcile']);
  });

  it.each([
    ['is damaged', () => writeFileSync(record(), '{"apiVersion":')],
    ['is emptied', () => writeFileSync(record(), '')],
    ['is removed', () => rmSync(record())],
    ['is of another subject', () => writeFileSync(record(), readFileSync(join(place.state, 'subjects/job.backups.json')))],
  ])('that %s is made again from the events by the next pass', (_, damage) => {
    const good = readFileSync(record(), 'utf8');
    damage();
    expect(place.run(['reconcile'])).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(record(), 'utf8')).toBe(good);
  });
});
