import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Translation } from '../adapter.ts';
import { fitted } from '../fitted.ts';
import { adapter } from './index.ts';

type Task = Record<string, unknown> & { detail: Record<string, unknown> };

const capture = (name: string): Buffer => readFileSync(new URL(`../../../test/fixtures/openclaw/${name}`, import.meta.url));
const tasksOf = (name: string): Task[] => JSON.parse(capture(name).toString()).tasks;
const translate = (document: unknown): Translation => adapter.translate(Buffer.from(JSON.stringify(document)));
/** A task of a real capture (a failed command run), with some fields changed: the states for which there is no capture. */
const derived = (changes: object, detail: object = {}): Task => {
  const task = tasksOf('tasks-list-after.json').find((one) => one['label'] === 'nightly-export') as Task;
  return { ...task, ...changes, detail: { ...task.detail, ...detail } };
};
const typesOf = (...tasks: unknown[]): string[] => translate({ tasks }).events.map((event) => event.type);

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

describe('states without a capture, derived from one', () => {
  const noCompletion = { completionStatus: null };
  test.each([
    ['timed_out', 'run.timed_out'],
    ['lost', 'run.lost'],
    ['cancelled', 'run.cancelled'],
    ['failed', 'run.failed'],
    ['succeeded', 'run.succeeded'],
    ['completed', 'run.succeeded'],
    ['running', 'run.started'],
  ])('%s becomes %s', (status, type) => {
    expect(typesOf(derived({ status }, noCompletion))).toEqual([type]);
    expect(typesOf({ ...derived({ status }), detail: undefined })).toEqual([type]);
  });

  test.each(['timed_out', 'lost', 'cancelled'])('%s stays %s where the completion only says failed', (status) => {
    expect(typesOf(derived({ status }))).toEqual([`run.${status}`]);
  });

  test('queued is neither an event nor a rejection', () => {
    expect(translate({ tasks: [derived({ status: 'queued' }, noCompletion)] })).toEqual({ events: [], rejected: [] });
  });

  test('the completion decides against the status', () => {
    expect(typesOf(derived({ status: 'succeeded' }))).toEqual(['run.failed']);
    expect(typesOf(derived({ status: 'failed' }, { status: 'ok', completionStatus: 'succeeded' }))).toEqual(['run.succeeded']);
  });

  test('work that is ok, with a completion that failed: undelivered only if the delivery says so', () => {
    const ok = { status: 'ok', deliveryStatus: undefined };
    expect(typesOf(derived({}, ok))).toEqual(['run.failed']);
    expect(typesOf(derived({}, { ...ok, deliveryStatus: 'not-delivered' }))).toEqual(['report.undelivered']);
    expect(typesOf(derived({}, { ...ok, deliveryError: 'chat not found' }))).toEqual(['report.undelivered']);
    expect(typesOf(derived({}, { status: 'error', deliveryStatus: 'not-delivered' }))).toEqual(['run.failed']);
  });

  test('work that is ok, with a delivery that nobody can prove, is undelivered and says so', () => {
    const { events } = translate({ tasks: [derived({}, { status: 'ok', completionStatus: 'unknown', deliveryStatus: 'unknown' })] });
    expect(events).toMatchObject([
      { type: 'report.undelivered', data: { summary: expect.stringContaining('not proved to have arrived (unknown)') } },
    ]);
    expect(typesOf(derived({ status: 'lost' }, { status: undefined, completionStatus: 'unknown' }))).toEqual(['run.lost']);
  });

  test('unknown words are rejected, and the rest goes on', () => {
    const { events, rejected } = translate({
      tasks: [derived({ status: 'paused' }), derived({}, { completionStatus: 'partly' }), null, derived({})],
    });
    expect(events.map((event) => event.type)).toEqual(['run.failed']);
    expect(rejected.map(({ where }) => where)).toEqual(['tasks[0]', 'tasks[1]', 'tasks[2]']);
    expect(rejected[0]?.reason).toMatch(/^task "2e51375b-.*": unknown status "paused"; known are queued, running/);
    expect(rejected[1]?.reason).toContain('unknown detail.completionStatus "partly"');
    expect(rejected[2]?.reason).toBe('expected a task, found null');
  });
});

describe('times', () => {
  test.each([[-1], [0], [253_402_300_800_000], [1e300], ['1795351317060'], [true], [{}]])('%j is rejected', (endedAt) => {
    const { events, rejected } = translate({ tasks: [derived({ endedAt })] });
    expect(events).toEqual([]);
    expect(rejected[0]?.reason).toContain('endedAt must be milliseconds since 1970');
  });

  test('the first time that is there counts', () => {
    const timeOf = (changes: object) => translate({ tasks: [derived(changes)] }).events[0]?.time;
    const at = (ms: number) => new Date(ms).toISOString();
    expect(timeOf({ endedAt: null })).toBe(at(1795351317071));
    expect(timeOf({ endedAt: undefined, lastEventAt: undefined, updatedAt: 5000 })).toBe(at(5000));
    expect(timeOf({ endedAt: undefined, lastEventAt: undefined, startedAt: undefined })).toBe(at(1795351317038));
    expect(timeOf({ endedAt: 253_402_300_799_999 })).toBe('9999-12-31T23:59:59.999Z');
    const bare = translate({ tasks: [{ taskId: 'x', status: 'failed' }] });
    expect(bare.rejected[0]?.reason).toContain('has none of the times endedAt, lastEventAt');
  });
});

describe('subjects', () => {
  const subjectOf = (changes: object) => translate({ tasks: [derived(changes)] }).events[0]?.subject;
  test('a cron job by its name, other work by its agent, the rest by its task', () => {
    expect(subjectOf({ label: undefined, title: 'Täglicher Bericht' })).toBe('job/Täglicher Bericht');
    expect(subjectOf({ label: ' ', title: '' })).toBe('job/db7062b6-db6a-47ad-8283-a021f6df96a4');
    expect(subjectOf({ runtime: 'acp' })).toBe('agent/main');
    expect(subjectOf({ runtime: 'cli', agentId: null })).toBe('task/2e51375b-111e-4f54-a01e-640198726d11');
    expect(subjectOf({ label: 'etl/daily' })).toBe('job/etl/daily');
  });

  test('what does not fit is replaced, and never becomes the subject of somebody else', () => {
    expect(fitted('../../etc/passwd')).toMatch(/^etc-passwd~[0-9a-f]{12}$/);
    expect(fitted('\u001b[31mred')).toMatch(/^31mred~/);
    expect(fitted('🚀')).toMatch(/^unnamed~/);
    const names = ['a-b', 'a?b', 'a!b', 'a/../b', 'a//b', 'a\u0000b', 'a\ud800b', 'a\ud801b', 'ä', 'a\u0308', 'x'.repeat(151), 'x'.repeat(152)];
    // A job that takes the very name that another one was given gets a fingerprint of its own.
    names.push(fitted('a?b'));
    expect(new Set(names.map(fitted)).size).toBe(names.length);
  });
});

test('what is private to the runtime does not get into an event', () => {
  const task = derived(
    { requesterSessionKey: 'PRIVATE', ownerKey: 'PRIVATE', sessionKey: 'PRIVATE', childSessionKey: 'PRIVATE' },
    { sessionId: 'PRIVATE' },
  );
  const told = JSON.stringify(translate({ tasks: [task] }));
  expect(told).not.toMatch(/PRIVATE|storeKey|jobs\.json/);
  expect(JSON.stringify(adapter.translate(capture('adminrpc-tasks-list.json')))).not.toMatch(/agent:main|SessionKey/);
});

test('long and unsafe texts are cut and cleaned', () => {
  const { events } = translate({ tasks: [derived({ error: `\u001b]0;x\u0007${'e'.repeat(9000)}`, runId: 'r'.repeat(600) })] });
  expect(events[0]?.data?.['error']).toHaveLength(4000);
  expect(JSON.stringify(events)).not.toMatch(/\\u001b|\\u0007/);
  expect(events[0]?.runid?.length).toBeLessThanOrEqual(512);
  expect(translate({ tasks: [derived({ taskId: 't'.repeat(201) })] }).rejected[0]?.reason).toMatch(/^taskId must be text of 1 to 200/);
});

describe('other files', () => {
  test.each([
    ['gwcall-send-ok.json', /a list "tasks"; this has "runId", "messageId", "channel"/],
    ['gwcall-send-badtoken.json', /answered with an error: "INVALID_REQUEST", "unauthorized: gateway token mismatch/],
    ['adminrpc-send-denied.json', /answered with an error: "INVALID_REQUEST", "admin HTTP RPC method is not supported: send"/],
    ['audit-messages.json', /a list "tasks"; this has "events"/],
    ['tasks-audit-after.json', /a list "tasks"; this has "count"/],
    ['cron-run-announce-blocked.json', /a list "tasks"; this has "ok", "enqueued"/],
  ])('%s is one rejection', (name, reason) => {
    const { events, rejected } = adapter.translate(capture(name));
    expect(events).toEqual([]);
    expect(rejected).toEqual([{ where: 'input', reason: expect.stringMatching(reason) }]);
  });
});
