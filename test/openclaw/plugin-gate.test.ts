import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PROGRAM } from '../support/cli.ts';
import { CliWorkspace } from '../support/cli-workspace.ts';
import { captured, LoadedPlugin } from './plugin.ts';

const [call] = captured('before_tool_call').filter(({ event }) => event['toolName'] === 'exec');
const [report] = captured('before_tool_call').filter(({ event }) => event['toolName'] === 'message');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rgov-plugin-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program in place of rgov, and settings that name it. It notes what it was asked. */
function standIn(script: string, settings: object = {}): object {
  const program = join(folder, 'rgov.mjs');
  const noted = `import { readFileSync, writeFileSync } from 'node:fs';
    writeFileSync(${JSON.stringify(join(folder, 'asked.json'))}, JSON.stringify({ argv: process.argv.slice(2), input: readFileSync(0, 'utf8'), env: process.env }));`;
  writeFileSync(program, `${noted}\n${script}`);
  return { command: [process.execPath, program], state: join(folder, 'state'), ...settings };
}
const asked = (): { argv: string[]; input: string; env: Record<string, string> } => JSON.parse(readFileSync(join(folder, 'asked.json'), 'utf8'));
const answers = (answer: object, code: number): string => `console.log(${JSON.stringify(JSON.stringify(answer))}); process.exitCode = ${code};`;
const HELD = {
  id: 'no-tools',
  reason: 'Nobody was told.',
  notices: [{ notice: 'N1', about: { severity: 'error', subject: 'job/x' } }],
  moreNotices: 2,
};
const OPEN = answers({ open: true, held: [], warnings: [], hints: [] }, 0);
const CLOSED = answers({ open: false, held: [HELD], warnings: [], hints: ['rgov explain N1'] }, 1);

async function ask(settings: object, { event, ctx } = call as NonNullable<typeof call>): Promise<unknown> {
  return (await LoadedPlugin.load(settings)).call('before_tool_call', event, ctx);
}

describe('a tool call, as OpenClaw asks about it', () => {
  it('runs where the gate is open', async () => {
    expect(await ask(standIn(OPEN))).toBeUndefined();
    expect(asked().argv).toEqual(['gate', '--subject=agent/main', '--action=tool', '--tool=exec', '--input=-', '--json']);
    expect(JSON.parse(asked().input)).toEqual(call?.event['params']);
  });

  it('is blocked where it is closed, with the reason and what opens it', async () => {
    expect(await ask(standIn(CLOSED))).toEqual({
      block: true,
      blockReason:
        'REPORTING_GATE_CLOSED: gate no-tools: Nobody was told. not proved: N1 (error of job/x) and 2 more. Opens it: rgov explain N1. Do not retry; report to the operator first.',
    });
  });

  it('of the tool that speaks to humans is never asked about', async () => {
    expect(await ask(standIn(CLOSED), report as NonNullable<typeof report>)).toBeUndefined();
    expect(existsSync(join(folder, 'asked.json'))).toBe(false);
  });

  it('of an agent without a name that can stand in a subject is one of agent/unnamed', async () => {
    for (const agentId of [undefined, '', '../x', 'a b', 7]) {
      await ask(standIn(OPEN), { kind: '', event: { toolName: 'exec', params: {} }, ctx: { agentId } });
      expect(asked().argv[1]).toBe('--subject=agent/unnamed');
    }
  });

  it('gives the program nothing of the environment of the gateway but what it needs to start', async () => {
    process.env['OPENCLAW_GATEWAY_TOKEN'] = 'secret';
    try {
      await ask(standIn(OPEN));
    } finally {
      delete process.env['OPENCLAW_GATEWAY_TOKEN'];
    }
    expect(Object.keys(asked().env)).not.toContain('OPENCLAW_GATEWAY_TOKEN');
    expect(asked().env['PATH']).toBe(process.env['PATH']);
  });

  it('with parameters of a megabyte is asked about, too', async () => {
    const params = { content: 'x'.repeat(1_000_000) };
    expect(await ask(standIn(OPEN), { kind: '', event: { toolName: 'write', params }, ctx: {} })).toBeUndefined();
    expect(JSON.parse(asked().input)).toEqual(params);
  });
});

describe('without an answer', () => {
  const broken: [string, string | null, RegExp][] = [
    ['it crashes', 'process.exit(70)', /ended with 70/],
    ['it says nothing', '', /ended with 0/],
    ['it says something else', 'console.log("{broken")', /ended with 0/],
    ['its words and its exit code differ', answers({ open: true }, 1), /ended with 1/],
    ['it hangs', 'setInterval(() => {}, 1000)', /no answer within 700 ms/],
    ['it is not there', null, /could not be started \(ENOENT\)/],
  ];
  it.each(broken)('because %s, the tool is held back in posture enforce, and runs with a warning in any other', async (what, script, why) => {
    const settings = script === null ? { command: [join(folder, 'nothing')], state: folder } : standIn(script);
    const limit = { timeLimitMs: what === 'it hangs' ? 700 : 20_000 };
    expect(await ask({ ...settings, ...limit })).toMatchObject({ block: true, blockReason: expect.stringMatching(why) });
    const loaded = await LoadedPlugin.load({ ...settings, ...limit, posture: 'notify' });
    expect(await loaded.call('before_tool_call', call?.event, call?.ctx)).toBeUndefined();
    expect(loaded.logged).toEqual([expect.stringMatching(why)]);
  });

  it('because the call was cancelled, nothing waits for it', async () => {
    const cancel = new AbortController();
    const said = ask(standIn('setInterval(() => {}, 1000)'), { kind: '', event: { toolName: 'exec' }, ctx: { abortSignal: cancel.signal } });
    setTimeout(() => cancel.abort(), 100);
    expect(await said).toMatchObject({ block: true, blockReason: expect.stringContaining('was cancelled') });
  });

  it('because nothing is configured, it is held back', async () => {
    expect(await ask({})).toMatchObject({ block: true, blockReason: expect.stringContaining('not configured') });
  });
});

it('OpenClaw waits longer than we do, and asks us before others', async () => {
  const { hooks } = await LoadedPlugin.load({ command: ['x'], state: folder, timeLimitMs: 2_000 });
  expect(hooks.get('before_tool_call')?.options).toEqual({ priority: 100, timeoutMs: 7_000 });
  expect([...(await LoadedPlugin.load({ command: ['x'], state: folder, gate: false })).hooks.keys()]).toEqual(['message_sent']);
});

it('the real program holds a tool back, and lets it run', async () => {
  const workspace = new CliWorkspace();
  try {
    const edit = (path: string, change: (text: string) => string): void =>
      writeFileSync(join(workspace.root, path), change(readFileSync(join(workspace.root, path), 'utf8')));
    edit('profiles/local-file.yaml', (text) => text.replace(/posture: \w+/, 'posture: enforce'));
    const gate = `  gates:\n    - { id: no-exec, action: 'tool == "exec" && has(input.command)', requires: { evidence: acknowledged, within: 24h } }\n`;
    edit('policy/unattended-work.yaml', (text) => `${text.trimEnd()}\n${gate}`);
    const settings = { command: [process.execPath, PROGRAM, '-C', workspace.root], state: workspace.state };
    workspace.run(['reconcile']);
    expect(await ask(settings)).toBeUndefined();
    workspace.run(['report', 'failed', '-s', 'job/x']);
    expect(await ask(settings)).toMatchObject({ block: true, blockReason: expect.stringContaining('gate no-exec') });
    expect(await ask(settings, report as NonNullable<typeof report>)).toBeUndefined();
  } finally {
    workspace.remove();
  }
});
