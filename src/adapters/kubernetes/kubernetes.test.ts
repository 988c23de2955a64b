import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Translation } from '../adapter.ts';
import { adapter } from './index.ts';

// biome-ignore lint/suspicious/noExplicitAny: parts of JSON that this test picks by hand
type Json = Record<string, any>;

const fixture = (name: string): Buffer => readFileSync(new URL(`../../../test/fixtures/kubernetes/${name}`, import.meta.url));
const parsed = (name: string): Json => JSON.parse(fixture(name).toString());
const translate = (document: unknown): Translation => adapter.translate(Buffer.from(JSON.stringify(document)));
const rowsOf = (name: string): string[] => adapter.translate(fixture(name)).events.map(({ type, subject, time }) => `${type} ${subject} ${time}`);
/** The Job of a fixture with parts of it replaced. */
const changed = (name: string, { metadata = {}, status = {} }: Json): Json => {
  const job = parsed(name);
  return { ...job, metadata: { ...job['metadata'], ...metadata }, status: { ...job['status'], ...status } };
};

describe('each fixture, read by hand', () => {
  const expected: Record<string, string[]> = {
    'list-mixed.json': [
      'run.succeeded cronjob/prod/nightly-backup 2026-11-21T03:12:40.000Z',
      'run.failed cronjob/prod/nightly-backup 2026-11-22T03:04:30.000Z',
      'run.succeeded job/prod/migrate-accounts 2026-11-22T01:00:59.000Z',
      'run.started job/search/reindex 2026-11-22T04:10:00.000Z',
    ],
    'job-complete.json': ['run.succeeded job/prod/migrate-accounts 2026-11-22T01:00:59.000Z'],
    'job-complete-before-1-31.json': ['run.succeeded job/default/pi 2024-05-05T10:02:11.000Z'],
    'job-failed-backoff.json': ['run.failed cronjob/prod/nightly-backup 2026-11-22T03:04:30.000Z'],
    'job-failed-deadline.json': ['run.timed_out job/prod/slow-export 2026-11-22T03:30:01.000Z'],
    'job-failed-pod-failure-policy.json': ['run.failed job/prod/train 2026-11-22T03:02:10.000Z'],
    'job-failed-indexes.json': ['run.failed job/prod/shards 2026-11-22T03:20:00.000Z'],
    'job-failing-now.json': ['run.started job/prod/slow-export 2026-11-22T03:00:01.000Z'],
    'job-success-criteria-met.json': ['run.started job/prod/leader-and-workers 2026-11-22T03:00:01.000Z'],
    'job-success-policy.json': ['run.succeeded job/prod/leader-and-workers 2026-11-22T03:11:31.000Z'],
    'job-suspended.json': [],
    'job-resumed.json': ['run.started job/prod/held 2026-11-22T05:00:00.000Z'],
    'job-waiting.json': [],
    'job-manual.json': ['run.succeeded cronjob/prod/nightly-backup 2026-11-22T09:11:00.000Z'],
    'joblist-of-the-api.json': ['run.succeeded job/prod/migrate-accounts 2026-11-22T01:00:59.000Z'],
    'list-empty.json': [],
    'cronjobs-only.json': [
      'run.started cronjob/prod/nightly-backup 2026-11-22T03:00:00.000Z',
      'run.succeeded cronjob/prod/nightly-backup 2026-11-21T03:12:40.000Z',
      'run.started cronjob/prod/hourly-sync 2026-11-22T04:00:00.000Z',
      'run.succeeded cronjob/prod/hourly-sync 2026-11-22T03:00:21.000Z',
      'run.started cronjob/prod/paused 2026-10-01T03:00:00.000Z',
      'run.succeeded cronjob/prod/paused 2026-10-01T03:01:00.000Z',
    ],
    'cronjob-whose-jobs-are-gone.json': [
      'run.failed cronjob/prod/nightly-backup 2026-11-14T15:03:00.000Z',
      'run.started cronjob/prod/nightly-backup 2026-11-22T03:00:00.000Z',
      'run.succeeded cronjob/prod/nightly-backup 2026-11-22T03:10:05.000Z',
    ],
  };
  test.each(Object.entries(expected))('%s', (name, rows) => {
    expect(rowsOf(name)).toEqual(rows);
    expect(adapter.translate(fixture(name)).rejected).toEqual([]);
  });
});

test('the whole draft of a Job that failed for its CronJob', () => {
  expect(adapter.translate(fixture('job-failed-backoff.json')).events).toEqual([
    {
      source: 'kubernetes/batch',
      id: '00000012-5b1c-4f0e-9a77-3d2e6c8b1f12:failed',
      type: 'run.failed',
      subject: 'cronjob/prod/nightly-backup',
      time: '2026-11-22T03:04:30.000Z',
      provenance: 'observed',
      runid: '00000012-5b1c-4f0e-9a77-3d2e6c8b1f12',
      data: {
        summary: 'Job has reached the specified backoff limit',
        condition: 'Failed',
        reason: 'BackoffLimitExceeded',
        durationMs: 269_000,
        namespace: 'prod',
        job: 'nightly-backup-29743380',
        cronJob: 'nightly-backup',
        scheduledTime: '2026-11-22T03:00:00.000Z',
      },
    },
  ]);
  expect(adapter.translate(fixture('job-manual.json')).events[0]?.data).toMatchObject({ manual: true, job: 'backup-by-hand' });
});

describe('the same state is the same event', () => {
  test('whatever the API server touches meanwhile', () => {
    const before = adapter.translate(fixture('job-failed-backoff.json'));
    const touched = changed('job-failed-backoff.json', {
      metadata: { resourceVersion: '99999', managedFields: [{ manager: 'x' }], labels: { extra: 'yes' }, generation: 2 },
      status: { failed: 4, terminating: 0, ready: 0 },
    });
    expect(translate(touched)).toEqual(before);
    expect(translate({ kind: 'List', apiVersion: 'v1', items: [touched] }).events).toEqual(before.events);
  });

  test('while a Job runs, however many of its pods come and go', () => {
    const before = adapter.translate(fixture('job-resumed.json'));
    expect(translate(changed('job-resumed.json', { status: { active: 3, failed: 1, ready: 0 } }))).toEqual(before);
  });

  test('but a Job that is resumed starts anew', () => {
    const again = translate(changed('job-resumed.json', { status: { startTime: '2026-11-22T06:00:00Z' } }));
    expect(again.events[0]?.id).not.toBe(adapter.translate(fixture('job-resumed.json')).events[0]?.id);
  });
});

describe('a CronJob', () => {
  const list = parsed('list-mixed.json');
  const toldBy = (items: Json[]) => translate({ ...list, items }).events.flatMap(({ data }) => data?.['toldBy'] ?? []);

  test('leaves to its Jobs what they say themselves, and says what none of them says', () => {
    const [succeeded, failed, , , cronJob] = list['items'];
    expect(toldBy([cronJob])).toEqual(['lastScheduleTime', 'lastSuccessfulTime']);
    expect(toldBy([succeeded, cronJob])).toEqual(['lastScheduleTime']);
    expect(toldBy([failed, cronJob])).toEqual(['lastSuccessfulTime']);
    expect(toldBy([cronJob, failed, succeeded])).toEqual([]);
  });

  test('is not silenced by the Job of another namespace, or of another CronJob of that name', () => {
    const [succeeded, , , , cronJob] = list['items'];
    expect(toldBy([{ ...succeeded, metadata: { ...succeeded.metadata, namespace: 'staging' } }, cronJob])).toHaveLength(2);
    const ownerReferences = [{ ...succeeded.metadata.ownerReferences[0], uid: 'of-an-earlier-one' }];
    expect(toldBy([{ ...succeeded, metadata: { ...succeeded.metadata, ownerReferences } }, cronJob])).toHaveLength(2);
  });

  test('has no run: nothing says which Job it was', () => {
    for (const draft of adapter.translate(fixture('cronjobs-only.json')).events) expect(draft.runid).toBeUndefined();
  });
});

describe('what cannot be read', () => {
  const reasonsOf = (name: string) => adapter.translate(fixture(name)).rejected.map(({ where, reason }) => `${where} ${reason}`);

  test('contradictions and wrong types, one by one; the good one at the end is told', () => {
    const reasons = reasonsOf('hostile-contradictions.json');
    expect(reasons.map((reason) => reason.split(' ')[0])).toEqual([...Array(11).keys(), 10].sort((a, b) => a - b).map((at) => `items[${at}]`));
    expect(reasons.join('\n')).toMatch(
      /Complete and failed at once.*\n.*stands twice.*\n.*"yesterday".*\n.*"0001-01-01T00:00:00Z".*\n.*True, False or Unknown/,
    );
    expect(rowsOf('hostile-contradictions.json')).toEqual(['run.succeeded job/prod/migrate-accounts 2026-11-22T01:00:59.000Z']);
  });

  test('an unknown condition is no success; the start of the Job is told all the same', () => {
    expect(rowsOf('hostile-unknown-conditions.json')).toEqual([
      'run.started job/prod/future 2026-11-22T03:00:01.000Z',
      'run.succeeded job/prod/future-end 2026-11-22T03:10:00.000Z',
      'run.started job/prod/future-unknown 2026-11-22T03:00:01.000Z',
    ]);
    expect(reasonsOf('hostile-unknown-conditions.json')).toEqual([
      expect.stringMatching(/^items\[0\] Job "future": unknown condition "Evaporated" is in force before any end; known are Complete, Failed/),
    ]);
  });

  test('Complete beside FailureTarget is neither', () => {
    const { conditions } = parsed('job-complete.json')['status'];
    const contradictory = [...conditions, { ...conditions[0], type: 'FailureTarget' }];
    expect(translate(changed('job-complete.json', { status: { conditions: contradictory } })).events).toEqual([]);
  });

  test('other kinds, and Jobs of other groups', () => {
    expect(reasonsOf('hostile-not-ours.json')).toHaveLength(8);
    expect(reasonsOf('hostile-not-ours.json')[0]).toContain('expected a Job or a CronJob of batch/v1, found "Job" of "batch.volcano.sh/v1alpha1"');
    expect(rowsOf('hostile-not-ours.json')).toHaveLength(1);
  });

  test('an answer that is an error, and what is no list at all', () => {
    expect(reasonsOf('error-forbidden.json')).toEqual([
      expect.stringMatching(/^input Kubernetes answered with an error: "Forbidden", "jobs.batch is/),
    ]);
    expect(translate({ items: [] }).rejected[0]?.reason).toContain('found an object with "items"');
    expect(translate({ kind: 'List', items: {} }).rejected[0]?.reason).toBe('items must be a list, found an object');
    expect(translate([]).rejected[0]?.reason).toContain('found a list');
  });
});

test('hostile names stay within their own namespace, and are told apart', () => {
  const subjects = adapter.translate(fixture('hostile-names.json')).events.map(({ subject }) => subject);
  expect(new Set(subjects).size).toBe(subjects.length);
  for (const subject of subjects) expect(subject.split('/')).toHaveLength(3);
  expect(subjects).not.toContain('job/prod/nightly-backup');
  expect(subjects.filter((subject) => !subject.startsWith('job/prod/'))).toEqual([
    expect.stringMatching(/^job\/prod-nightly~[0-9a-f]{12}\/a$/),
    expect.stringMatching(/^cronjob\/prod\/search-reindex~[0-9a-f]{12}$/),
  ]);
});

test('environment, arguments and annotations stay out, and a long message is cut and cleaned', () => {
  const { events } = adapter.translate(fixture('hostile-secrets.json'));
  expect(events).toHaveLength(1);
  expect(JSON.stringify(events)).not.toMatch(/SECRET|\\u001b|\\u0007/);
  expect(String(events[0]?.data?.['summary']).length).toBeLessThanOrEqual(2000);
});
