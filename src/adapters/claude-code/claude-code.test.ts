import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Translation } from '../adapter.ts';
import { adapter } from './index.ts';

const FOLDER = new URL('../../../test/fixtures/claude-code/', import.meta.url);
const fixture = (name: string): Buffer => readFileSync(new URL(name, FOLDER));
const hookOf = (name: string): Record<string, unknown> => JSON.parse(fixture(name).toString());
const translate = (...hooks: unknown[]): Translation => adapter.translate(Buffer.from(hooks.map((hook) => JSON.stringify(hook)).join('\n')));
const told = (name: string): string[] =>
  adapter.translate(fixture(name)).events.map(({ type, provenance, severity }) => [type, provenance, severity ?? '-'].join(' '));
const SESSION = '5f1c2d3e-0a4b-4c6d-8e7f-112233445566';

describe('every kind of hook, read by hand', () => {
  test.each<[string, string[]]>([
    ['session-start-startup.json', ['run.started observed -']],
    ['session-start-resume.json', ['run.started observed -']],
    ['session-start-compact.json', ['run.progress observed -']],
    ['user-prompt-submit.json', ['run.started observed -']],
    ['pre-tool-use-bash.json', ['run.progress observed -']],
    ['pre-tool-use-subagent.json', ['run.progress observed -']],
    ['post-tool-use.json', ['run.progress observed -']],
    ['post-tool-use-failure-bash.json', ['run.progress observed warning']],
    ['post-tool-use-failure-interrupt.json', ['run.progress observed warning']],
    ['stop.json', ['run.progress observed -', 'run.progress asserted -']],
    ['stop-background.json', ['run.progress observed -', 'run.progress asserted -']],
    ['stop-without-message.json', ['run.progress observed -']],
    ['stop-failure-rate-limit.json', ['run.failed observed -']],
    ['stop-failure-unknown.json', ['run.failed observed -']],
    ['subagent-stop.json', ['run.progress observed -', 'run.progress asserted -']],
    ['subagent-stop-internal.json', []],
    ['notification-permission.json', ['run.blocked observed -']],
    ['notification-idle.json', ['run.blocked observed warning']],
    ['notification-quota.json', ['run.blocked observed -']],
    ['notification-auth-success.json', []],
    ['session-end-other.json', ['run.cancelled observed info']],
    ['session-end-exit.json', ['run.cancelled observed info']],
    ['task-completed.json', []],
  ])('%s', (name, expected) => {
    expect(told(name)).toEqual(expected);
    expect(adapter.translate(fixture(name)).rejected).toEqual([]);
  });

  test('no hook ever becomes a success', () => {
    const types = readdirSync(FOLDER).flatMap((name) => adapter.translate(fixture(name)).events.map(({ type }) => type));
    expect(types.length).toBeGreaterThan(30);
    expect(types).not.toContain('run.succeeded');
  });
});

test('the end of a turn: what Claude Code saw and what the agent claims are two events', () => {
  const { events } = adapter.translate(fixture('stop-background.json'));
  expect(events).toMatchObject([
    {
      source: 'claude-code/hooks',
      subject: `agent/claude-code/${SESSION}`,
      runid: SESSION,
      provenance: 'observed',
      data: {
        summary: expect.stringMatching(
          /^a turn ended; background tasks under way: 2, scheduled wake-ups: 1; whether anything was achieved is not said/,
        ),
      },
    },
    { provenance: 'asserted', data: { summary: 'The export is still running; I will look again when it is done.' } },
  ]);
  expect(JSON.stringify(events[0])).not.toContain('The export');
  expect(events[0]?.time).toBeUndefined();
});

test('the error text of a StopFailure is that of Claude Code, not the claim of an agent', () => {
  const { events } = adapter.translate(fixture('stop-failure-rate-limit.json'));
  expect(events).toMatchObject([
    {
      provenance: 'observed',
      data: { summary: 'an API error ended the turn: rate_limit: 429 Too Many Requests', shown: 'API Error: Rate limit reached' },
    },
  ]);
  expect(translate({ ...hookOf('stop-failure-unknown.json'), error: 'a_kind_to_come' }).events).toMatchObject([
    { type: 'run.failed', data: { error: 'a_kind_to_come' } },
  ]);
});

test('a session in lines; the same lines fed again give the same events, and no two of them an id', () => {
  const first = adapter.translate(fixture('session.ndjson'));
  expect(first.rejected).toEqual([]);
  expect(first.events.map(({ type }) => type.slice(4)).join(' ')).toBe(
    'started started progress progress progress progress progress progress cancelled',
  );
  expect(adapter.translate(fixture('session.ndjson'))).toEqual(first);
  expect(new Set(first.events.map(({ id }) => id)).size).toBe(first.events.length);
});

describe('ids', () => {
  const idsOf = (...hooks: unknown[]): string[] => translate(...hooks).events.map(({ id }) => id);
  const stop = hookOf('stop-without-message.json');

  test('a tool call is known by its own id, before and after', () => {
    const { tool_use_id: id } = hookOf('post-tool-use.json');
    expect(idsOf(hookOf('post-tool-use.json'))).toEqual([`${SESSION}:PostToolUse:${id}`]);
  });

  test('what differs in session, prompt or words is another fact; what a resumption costs tells two of them apart', () => {
    const resumed = hookOf('session-start-resume.json');
    const all = [
      stop,
      { ...stop, session_id: 'other' },
      { ...stop, prompt_id: 'p2' },
      { ...stop, background_tasks: [{}] },
      { ...stop, last_assistant_message: 'x' },
    ];
    const ids = idsOf(...all, resumed, { ...resumed, context_tokens: 1 });
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('what neither says what happened nor when changes nothing', () => {
    const notification = hookOf('notification-permission.json');
    const again = { ...notification, transcript_path: '/elsewhere', scratchpad_dir: '/tmp/x', effort: { level: 'low' }, permission_mode: 'plan' };
    expect(translate(again)).toEqual(translate(notification));
  });
});

describe('refused, and the rest goes on', () => {
  test.each([
    [
      'hostile-session-id.json',
      'input',
      'Stop: session_id must be 1 to 128 letters, digits, dashes or underscores, found "../../job/nightly-backup"',
    ],
    ['hostile-future-hook.json', 'input', /^WorkApproved: unknown hook; known are SessionStart, .*SessionEnd, and others/],
    ['hostile-notification-unknown.json', 'input', /^Notification: unknown notification_type "agent_retired"; known are permission_prompt/],
    ['hostile-agent-completed.json', 'input', /a background session finished or failed, and it is not said which/],
    ['hostile-keys.json', 'input', /the key "session_id" stands twice/],
  ])('%s', (name, where, reason) => {
    const { events, rejected } = adapter.translate(fixture(name));
    expect(events).toEqual([]);
    expect(rejected).toEqual([{ where, reason: typeof reason === 'string' ? reason : expect.stringMatching(reason) }]);
  });

  test('a list', () => {
    const { events, rejected } = adapter.translate(fixture('hostile-list.json'));
    expect(events.map(({ id }) => id)).toEqual([`${SESSION}:PreToolUse:toolu_01C`, `${SESSION}:PostToolUse:toolu_01C`]);
    expect(rejected.map(({ where, reason }) => `${where} ${reason}`)).toEqual([
      expect.stringMatching(/^\[1\] expected what a Claude Code hook gets/),
      expect.stringMatching(/^\[2\] PreToolUse: tool_use_id must be/),
      expect.stringMatching(/^\[3\] SessionEnd: unknown reason "vanished"; known are clear, resume/),
      expect.stringMatching(/^\[4\] StopFailure: error must name the kind of error, found 429/),
    ]);
  });

  test.each([
    [{ hook_event_name: 'Stop' }, 'Stop: session_id must be'],
    [{ session_id: 's' }, 'hook_event_name must name the hook, found undefined'],
    [{ session_id: 's', hook_event_name: 'toString' }, 'toString: unknown hook'],
    [{ session_id: 's', hook_event_name: 'Stop', prompt_id: 'a b' }, 'Stop: prompt_id must be'],
    [{ session_id: 's', hook_event_name: 'UserPromptSubmit' }, 'UserPromptSubmit: prompt_id is missing'],
    [{ session_id: 's', hook_event_name: 'SessionStart', source: 'reborn' }, 'SessionStart: unknown source "reborn"'],
    [{ session_id: 's', hook_event_name: 'PreToolUse', tool_use_id: 't' }, 'PreToolUse: tool_name must name the tool'],
    [{ session_id: 's', hook_event_name: 'SubagentStop', agent_type: 'Explore' }, 'SubagentStop: agent_id must be'],
    [{ session_id: 's', hook_event_name: 'Notification', message: 'old form' }, 'Notification: unknown notification_type undefined'],
  ])('%j', (hook, reason) => {
    expect(translate(hook)).toEqual({ events: [], rejected: [{ where: 'input', reason: expect.stringContaining(reason) }] });
  });
});

test('commands, files, prompts and what tools return stay out of events', () => {
  const all = readdirSync(FOLDER).map((name) => JSON.stringify(adapter.translate(fixture(name)).events));
  expect(all.join('\n')).not.toMatch(/s3cr3t|hunter2|secret figures|LEDGER_TOKEN|Close the books|DE00|transcript|look whether/);
});

test('of a failed tool: the first line, and the end of what it said', () => {
  const [event] = adapter.translate(fixture('post-tool-use-failure-bash.json')).events;
  expect(event?.data).toMatchObject({ summary: 'Bash failed: Exit code 3', error: expect.stringMatching(/^….*stopped at row 4711$/s) });
  expect(String(event?.data?.['error']).length).toBeLessThanOrEqual(1000);
});

test('long and unsafe texts are cut and cleaned', () => {
  const { events } = adapter.translate(fixture('hostile-text.json'));
  expect(events).toHaveLength(2);
  expect(String(events[1]?.data?.['message']).length).toBeLessThanOrEqual(4000);
  expect(JSON.stringify(events)).not.toMatch(/\\u001b|\\u0007|\u202e/);
});
