import { describe, expect, test } from 'vitest';
import { capture, derived, translate, typesOf } from '../../../test/support/openclaw-tasks.ts';
import { fitted } from '../fitted.ts';
import { adapter } from './index.ts';

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
