import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapter } from '../../src/adapters/claude-code/index.ts';
import { hookText } from '../../src/cli/views/gate-hook.ts';
import { type HookVerdict, judgeHook } from '../../src/run/gate/claude-code.ts';
import { GatedWorkspace } from './gated-workspace.ts';

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures/claude-code', name));
const changed = (name: string, more: object): Buffer => Buffer.from(JSON.stringify({ ...JSON.parse(fixture(name).toString()), ...more }));

let workspace: GatedWorkspace;
beforeAll(() => {
  // A tool is held back by what it is called with; a stop by the kind of subagent; everything by the last one.
  workspace = new GatedWorkspace(
    'tool == "Bash" && input.command.contains("close") || action == "stop" && input.hook == "SubagentStop" && input.agent == "Explore" || tool == "mcp__x__message"',
  );
  workspace.fail();
  workspace.reconcile();
});
afterAll(() => workspace.remove());

const judge = (input: Uint8Array): Promise<HookVerdict> => judgeHook(input, { workspace: workspace.root });

describe('what a hook is asked as', () => {
  it('the subject is the one under which the adapter records the session', async () => {
    const input = fixture('pre-tool-use-bash.json');
    const { block, about } = await judge(input);
    expect([block, about?.action, about?.tool]).toEqual([true, 'tool', 'Bash']);
    expect(about?.subject).toBe(adapter.translate(input).events[0]?.subject);
  });

  it('a tool is judged by what it is called with, a stop by its kind', async () => {
    expect((await judge(changed('pre-tool-use-bash.json', { tool_input: { command: 'ls' } }))).block).toBe(false);
    expect((await judge(changed('pre-tool-use-bash.json', { tool_name: 'mcp__x__message', tool_input: {} }))).block).toBe(true);
    expect((await judge(fixture('subagent-stop.json'))).block).toBe(true);
    expect((await judge(changed('subagent-stop.json', { agent_type: 'Plan' }))).block).toBe(false);
    expect((await judge(fixture('stop.json'))).block).toBe(false);
  });

  it('what was held back once is let go; only the word true says so', async () => {
    expect((await judge(changed('subagent-stop.json', { stop_hook_active: true }))).block).toBe(false);
    expect((await judge(changed('subagent-stop.json', { stop_hook_active: 'false' }))).block).toBe(true);
  });

  it.each(['user-prompt-submit.json', 'post-tool-use.json', 'notification-permission.json', 'session-end-exit.json', 'hostile-future-hook.json'])(
    'no gate has a say in %s',
    async (name) => {
      expect(await judge(fixture(name))).toMatchObject({ block: false, answer: null, trouble: null });
    },
  );

  it.each([
    '',
    '[]',
    'null',
    '{"hook_event_name": "PreToolUse"}',
    '{"hook_event_name": "PreToolUse", "session_id": "../x", "tool_name": "Bash", "tool_input": {}}',
    '{"hook_event_name": "PreToolUse", "session_id": "s", "tool_name": "Bash"}',
    '{"hook_event_name": "PreToolUse", "session_id": "s", "tool_name": "Bash", "tool_input": ["ls"]}',
    '{"hook_event_name": "PreToolUse", "session_id": "s", "tool_name": "Read", "tool_name": "Bash", "tool_input": {}}',
    `{"hook_event_name": "PreToolUse", "session_id": "s", "tool_name": "Bash", "tool_input": ${'{"a":'.repeat(100)}1${'}'.repeat(100)}}`,
    '\xff',
  ])('%j cannot be read, and holds back in posture enforce', async (text) => {
    const verdict = await judge(Buffer.from(text, 'latin1'));
    expect(verdict).toMatchObject({ block: true, answer: null, trouble: { kind: 'usage' } });
    expect(hookText(verdict, 'rgov')).toContain('held back');
  });
});

it('without a named workspace it is looked for from the folder of the project, and not from where the agent is', async () => {
  const input = changed('pre-tool-use-bash.json', { tool_input: { command: 'close' } });
  const deep = join(workspace.root, 'policy');
  expect((await judgeHook(input, {}, deep)).answer?.held).toHaveLength(1);
  expect(await judgeHook(input, {}, '/')).toMatchObject({ block: true, trouble: { message: expect.stringContaining('no workspace') } });
});

it('the words for the model name what holds it back, what opens it, and what it may always do', async () => {
  const verdict = await judge(fixture('pre-tool-use-bash.json'));
  const text = hookText(verdict, '/opt/rgov.cjs -C /ws');
  expect(text).toContain('Bash is held back');
  expect(text).toContain('Nobody deploys while a failure has reached nobody.');
  expect(text).toContain(`/opt/rgov.cjs -C /ws ack ${workspace.notice()} --by NAME   (for a human: tell them, and wait)`);
  expect(text).toContain(`/opt/rgov.cjs -C /ws report blocked --subject ${verdict.about?.subject} --summary`);
});

it('in posture notify nothing is held back, and it is said', async () => {
  workspace.posture('notify');
  workspace.reconcile();
  const verdict = await judge(fixture('pre-tool-use-bash.json'));
  expect(verdict.block).toBe(false);
  expect(hookText(verdict, 'rgov')).toContain('would be held back');
  const unread = await judge(Buffer.from('no JSON'));
  expect([unread.block, hookText(unread, 'rgov')]).toEqual([false, expect.stringContaining('warning')]);
});
