import { describe, expect, test } from 'vitest';
import { capture, derived, tasksOf, translate, typesOf } from '../../../test/support/openclaw-tasks.ts';
import { adapter } from './index.ts';

describe('every capture of a task list, read by hand', () => {
  const expected: Record<string, [task: string, type: string, subject: string][]> = {
    'nogw-tasks-list.json': [],
    'gw-tasks-list.json': [],
    'tasks-list-running.json': [['f79f3f05', 'run.started', 'job/long-etl']],
    'tasks-list-after-crash-nogw.json': [['f79f3f05', 'run.started', 'job/long-etl']],
    'tasks-list-after.json': [
      ['612c4d80', 'run.succeeded', 'job/depth-announce'],
      ['c425c7ca', 'report.undelivered', 'job/depth-announce'],
      ['bcb3ec63', 'run.failed', 'job/remind-main'],
      ['983ccedc', 'run.failed', 'job/morning-brief'],
      ['0665691d', 'run.succeeded', 'job/digest-webhook'],
      ['cbd1edc3', 'run.failed', 'job/backup-job'],
      ['7efb2e6a', 'run.succeeded', 'job/queue-probe'],
      ['2e51375b', 'run.failed', 'job/nightly-export'],
      ['6bfd55f5', 'run.failed', 'job/heartbeat-main'],
    ],
    'tasks-list-failed.json': [
      ['c425c7ca', 'report.undelivered', 'job/depth-announce'],
      ['bcb3ec63', 'run.failed', 'job/remind-main'],
      ['983ccedc', 'run.failed', 'job/morning-brief'],
      ['cbd1edc3', 'run.failed', 'job/backup-job'],
      ['2e51375b', 'run.failed', 'job/nightly-export'],
      ['6bfd55f5', 'run.failed', 'job/heartbeat-main'],
    ],
    // No detail in the next two: c425c7ca and 616253ec did their work, but nothing in this shape says so.
    'gwcall-tasks-list.json': [
      ['612c4d80', 'run.succeeded', 'job/depth-announce'],
      ['c425c7ca', 'run.failed', 'job/depth-announce'],
      ['bcb3ec63', 'run.failed', 'job/remind-main'],
      ['983ccedc', 'run.failed', 'job/morning-brief'],
      ['0665691d', 'run.succeeded', 'job/digest-webhook'],
      ['cbd1edc3', 'run.failed', 'job/backup-job'],
      ['7efb2e6a', 'run.succeeded', 'job/queue-probe'],
      ['2e51375b', 'run.failed', 'job/nightly-export'],
      ['6bfd55f5', 'run.failed', 'job/heartbeat-main'],
    ],
    'adminrpc-tasks-list.json': [
      ['c7a477ab', 'run.failed', 'job/webhook-err'],
      ['a21e38ef', 'run.failed', 'job/webhook-fail'],
      ['616253ec', 'run.failed', 'job/depth-announce'],
      ['d27d2d10', 'run.failed', 'job/flaky'],
      ['c4eadb36', 'run.failed', 'job/flaky'],
      ['d81842e5', 'run.failed', 'agent/main'],
      ['0cc9e94c', 'run.failed', 'job/brief-model500'],
      ['f79f3f05', 'run.failed', 'job/long-etl'],
      ['9c92c37e', 'run.failed', 'job/nightly-export'],
      ['c425c7ca', 'run.failed', 'job/depth-announce'],
      ['bcb3ec63', 'run.failed', 'job/remind-main'],
      ['983ccedc', 'run.failed', 'job/morning-brief'],
      ['cbd1edc3', 'run.failed', 'job/backup-job'],
      ['2e51375b', 'run.failed', 'job/nightly-export'],
      ['6bfd55f5', 'run.failed', 'job/heartbeat-main'],
    ],
  };
  test.each(Object.entries(expected))('%s', (name, rows) => {
    const { events, rejected } = adapter.translate(capture(name));
    expect(events.map((event) => [event.id.slice(0, 8), event.type, event.subject])).toEqual(rows);
    expect(rejected).toEqual([]);
  });
});

test('the whole draft of an undelivered announcement', () => {
  const draft = adapter.translate(capture('tasks-list-after.json')).events[1];
  expect(draft).toMatchObject({
    source: 'openclaw/tasks',
    id: 'c425c7ca-e5ca-4359-a77a-8efd92f6d912:failed:failed',
    time: new Date(1795351348172).toISOString(),
    provenance: 'observed',
    runid: expect.stringMatching(/^cron:6ddfc216/),
    data: {
      taskId: 'c425c7ca-e5ca-4359-a77a-8efd92f6d912',
      runtime: 'cron',
      label: 'depth-announce',
      status: 'failed',
      completionStatus: 'failed',
      classifiedBy: 'completionStatus',
      summary: expect.stringMatching(/^Telegram send failed: bot is not a member/),
      terminalSummary: 'depth=7 over limit',
      deliveryStatus: 'not-delivered',
      durationMs: 109,
    },
  });
});

test('the first line for the operator: the error of a failure, the result of a success', () => {
  const [succeeded, , failed] = adapter.translate(capture('tasks-list-after.json')).events;
  expect(succeeded?.data?.['summary']).toBe('depth=7 over limit');
  expect(failed?.data).toMatchObject({ summary: 'agent-runner-failure', terminalSummary: 'Reminder: rotate keys' });
});

test('both shapes of a finished task agree in all but what only one of them knows', () => {
  const cli = adapter.translate(capture('tasks-list-after.json')).events[0];
  const gateway = adapter.translate(capture('gwcall-tasks-list.json')).events[0];
  expect(gateway).toMatchObject({ type: cli?.type, subject: cli?.subject, time: cli?.time, runid: cli?.runid });
  expect(gateway?.id).toBe(`${cli?.data?.['taskId']}:succeeded:-`);
  expect(gateway?.data).toMatchObject({ status: 'succeeded', classifiedBy: 'status' });
});

test('a task that runs yields the same draft while the gateway is down, and however much it progresses', () => {
  const before = adapter.translate(capture('tasks-list-running.json'));
  expect(adapter.translate(capture('tasks-list-after-crash-nogw.json'))).toEqual(before);
  const [task] = tasksOf('tasks-list-running.json');
  expect(translate({ tasks: [{ ...task, lastEventAt: 1795351899999, progressSummary: 'half way', terminalSummary: 'so far' }] })).toEqual(before);
});

describe('while the gateway is down', () => {
  const down = (...tasks: unknown[]) => adapter.translate(Buffer.from(JSON.stringify({ tasks })), { runtimeIsDown: true });
  const [running] = tasksOf('tasks-list-after-crash-nogw.json');

  test('what is still called running is lost: concluded, and known since it was concluded', () => {
    const { events, rejected } = adapter.translate(capture('tasks-list-after-crash-nogw.json'), { runtimeIsDown: true });
    expect(rejected).toEqual([]);
    const [heard] = adapter.translate(capture('tasks-list-after-crash-nogw.json')).events;
    expect(events).toEqual([
      heard,
      {
        source: 'openclaw/tasks',
        id: 'f79f3f05-4b41-474e-a762-0793c2eb674b:running:-:runtime-down',
        type: 'run.lost',
        subject: 'job/long-etl',
        runid: heard?.runid,
        provenance: 'derived',
        data: expect.objectContaining({ status: 'running', summary: expect.stringContaining('calls this running') }),
      },
    ]);
  });

  test('so is what is queued, which nobody has heard of yet', () => {
    expect(down({ ...running, status: 'queued' }).events.map(({ id, type }) => [id.slice(37), type])).toEqual([
      ['queued:-:runtime-down', 'run.lost'],
    ]);
  });

  test('however often it is polled, it is the same fact, whatever the ledger touched meanwhile', () => {
    expect(down({ ...running, lastEventAt: 1795351899999, progressSummary: 'x' })).toEqual(down(running));
  });

  test('what came of it is a fact of its own, under another id', () => {
    const lost = down(running).events[1]?.id;
    for (const status of ['failed', 'succeeded']) {
      const later = down({ ...running, status, endedAt: 1795351999999 }).events;
      expect(later.map(({ type }) => type)).toEqual([`run.${status}`]);
      expect(later[0]?.id).not.toBe(lost);
    }
  });

  test('what has ended is not lost', () => {
    expect(adapter.translate(capture('tasks-list-after.json'), { runtimeIsDown: true })).toEqual(adapter.translate(capture('tasks-list-after.json')));
  });
});

test('of our own passes inside OpenClaw only those that failed are told', () => {
  const own = { label: 'rgov-reconcile-default-1a2b3c4d' };
  const ok = { completionStatus: 'succeeded', status: 'ok' };
  const [running] = tasksOf('tasks-list-running.json');
  expect(typesOf({ ...running, ...own }, derived({ ...own, status: 'succeeded' }, ok))).toEqual([]);
  expect(adapter.translate(Buffer.from(JSON.stringify({ tasks: [{ ...running, ...own }] })), { runtimeIsDown: true }).events).toEqual([]);
  expect(typesOf(derived(own))).toEqual(['run.failed']);
  expect(typesOf({ ...running, ...own, runtime: 'cli' })).toEqual(['run.started']);
});

test('polling a finished task again yields the identical draft, whatever the ledger touched meanwhile', () => {
  const before = translate({ tasks: [derived({})] });
  const touched = derived({ lastEventAt: 1795359999999, cleanupAfter: 1, progressSummary: 'x' }, { nextRunAtMs: 9, diagnostics: null });
  expect(translate({ tasks: [touched] })).toEqual(before);
});
