import { describe, expect, it } from 'vitest';
import type { Paint } from '../../src/cli/terminal.ts';
import { statusText } from '../../src/cli/views/status.ts';
import type { SilentSubject } from '../../src/run/silent.ts';
import { asksForHuman, type StatusReport } from '../../src/run/status.ts';
import type { Problem } from '../../src/run/validate.ts';

const plain: Paint = (_, text) => text;
/** Colours as words. */
const marked: Paint = (style, text) => (text === '' ? '' : `<${[style].flat().join(' ')}>${text}</>`);

const calm: StatusReport = {
  at: '2026-11-22T12:00:00.000Z',
  binding: 'default',
  profile: 'local-file',
  posture: 'notify',
  state: '/srv/state',
  needsHuman: false,
  blocked: [],
  pending: [],
  overdue: [],
  queued: [],
  quarantined: [],
  unreadable: [],
  counts: { events: 0, undecided: 0, decisions: 0, notices: 0, attempts: 0, acked: 0, blocked: 0, pending_external_send: 0, queued: 0 },
  sealedThrough: null,
  lastPass: { startedAt: '2026-11-22T11:59:59.000Z', finishedAt: '2026-11-22T12:00:00.000Z', nextDue: null },
  documents: { valid: true, problems: [], digest: '3f9a2c1b7d4e'.padEnd(64, '0') },
  silent: [],
};

const reportWith = (parts: Partial<StatusReport>): StatusReport => {
  const report = { ...calm, ...parts };
  return { ...report, needsHuman: asksForHuman(report) };
};

const problem = (n: number): Problem => ({
  code: 'unknown_key',
  file: 'policy/more.yaml',
  line: n,
  column: 3,
  sourceLine: '  notfy: []',
  message: `there is no key number ${n}`,
});

const silent: SilentSubject = {
  subject: 'job/nightly-backup',
  expectation: 'unattended-work/backup-reports-nightly',
  since: '2026-11-22T03:30:00.000Z',
  lastWord: '2026-11-21T03:05:00.000Z',
  run: null,
};

it('is calm where there is no reason not to be', () => {
  expect(asksForHuman(calm)).toBe(false);
  expect(statusText(reportWith({}), plain)).toMatch(/^nothing needs a human\n/);
});

describe('silence', () => {
  it('needs a human, and says who, since when and what was heard last', () => {
    const report = reportWith({ silent: [silent, { ...silent, subject: 'agent/main', lastWord: null, run: 'run-7' }] });
    expect(report.needsHuman).toBe(true);
    expect(statusText(report, plain).split('\n\n')[0]).toBe(
      [
        'silent (2) they owe a word and have not given it in time',
        '  job/nightly-backup',
        '    unattended-work/backup-reports-nightly, due 2026-11-22T03:30:00.000Z, late by 8h 30m, last heard of 2026-11-21T03:05:00.000Z, 1d 8h ago',
        '  agent/main  run run-7',
        '    unattended-work/backup-reports-nightly, due 2026-11-22T03:30:00.000Z, late by 8h 30m, never heard of',
      ].join('\n'),
    );
    expect(statusText(report, marked)).toMatch(/^<bold red>silent \(2\)<\/>/);
  });

  it('shows twenty, and how to see the others', () => {
    const text = statusText(reportWith({ silent: Array.from({ length: 23 }, () => silent) }), plain);
    expect(text.match(/job\/nightly-backup/g)).toHaveLength(20);
    expect(text).toContain('... and 3 more: rgov status --json');
  });
});

describe('invalid documents', () => {
  const report = reportWith({ documents: { ...calm.documents, valid: false, problems: [1, 2, 3, 4, 5, 6, 7].map(problem) }, silent: [silent] });

  it('need a human and come before everything else, in red', () => {
    expect(report.needsHuman).toBe(true);
    expect(statusText(report, marked)).toMatch(/^<bold red>the declared documents have 7 problems since they were edited<\/>\n {2}<red>/);
    expect(statusText(report, plain).split('\n\n')[0]).toBe(
      [
        'the declared documents have 7 problems since they were edited',
        '  policy/more.yaml:1: there is no key number 1',
        '  policy/more.yaml:2: there is no key number 2',
        '  policy/more.yaml:3: there is no key number 3',
        '  policy/more.yaml:4: there is no key number 4',
        '  policy/more.yaml:5: there is no key number 5',
        '  ... and 2 more',
        '  what follows is seen with the last valid catalog (3f9a2c1b7d4e), which a running rgov watch still uses;',
        '  rgov reconcile refuses to run until they are mended: rgov validate',
      ].join('\n'),
    );
  });

  it('show no line where no line is to blame', () => {
    const documents = { ...calm.documents, valid: false, problems: [{ ...problem(0), file: 'bindings' }] };
    expect(statusText(reportWith({ documents }), plain)).toContain('1 problem since they were edited\n  bindings: there is no key');
  });
});

describe('a watch that is late', () => {
  const watch = { maxAge_ms: 600_000, age_ms: null, late: true, detail: 'no pass has completed here yet; at most 10m may lie between passes' };

  it('needs a human, and is said in red before what lies in state', () => {
    const report = reportWith({ watch, silent: [silent] });
    expect(report.needsHuman).toBe(true);
    expect(statusText(report, marked)).toMatch(/^<bold red>no pass has completed here yet; .*<\/>\n\n<bold red>silent/);
  });

  it('is said once where no pass ever completed', () => {
    const text = statusText(reportWith({ watch, lastPass: null }), plain);
    expect(text.match(/no pass/g)).toHaveLength(1);
  });

  it('is not said where it is not late', () => {
    const report = reportWith({ watch: { ...watch, age_ms: 0, late: false, detail: '' } });
    expect(report.needsHuman).toBe(false);
    expect(statusText(report, plain)).toBe(statusText(reportWith({}), plain));
  });
});
