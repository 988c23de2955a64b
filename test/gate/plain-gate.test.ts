import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { gatePlainly } from '../../src/cli/gate.ts';
import { main } from '../../src/cli/main.ts';
import { plainGate } from '../../src/cli/plain-gate.ts';
import { PROGRAM } from '../support/cli.ts';
import { GatedWorkspace } from './gated-workspace.ts';

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, '../fixtures/claude-code', name), 'utf8');

let standardInput = '';
vi.mock('../../src/cli/standard-input.ts', () => ({ readStandardInput: () => Buffer.from(standardInput) }));

interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

// Each call listens to its output as if it were alone in this process.
process.stdout.setMaxListeners(0);
process.stderr.setMaxListeners(0);

/** What is printed, and the exit code, while `work` runs in this very process. */
async function said(work: () => Promise<void>): Promise<Said> {
  const parts = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation(((text: string, done?: () => void) => {
      parts[name] += text;
      done?.();
      return true;
    }) as typeof process.stdout.write),
  );
  const before = process.exitCode;
  process.exitCode = 0;
  await work();
  const code = Number(process.exitCode);
  process.exitCode = before;
  for (const spy of spies) spy.mockRestore();
  return { code, ...parts };
}

let workspace: GatedWorkspace;
beforeAll(() => {
  workspace = new GatedWorkspace('action == "deploy" || tool == "Bash" || action == "stop" || (action == "broken" && input.x == 1)');
});
afterAll(() => workspace.remove());

const QUESTIONS: string[][] = [
  ['-s', 'agent/main', '-a', 'deploy'],
  ['--subject', 'agent/main', '--action', 'build', '--json'],
  ['-s', 'agent/main', '-a', 'tool', '--tool', 'Bash', '--input', '{"command":"make deploy"}'],
  ['-s', 'agent/main', '-a', 'tool', '--tool', 'message', '--json'],
  ['-s', 'agent/main', '-a', 'tool', '--tool=Bash', '--input=-'],
  ['-s', 'agent/main', '-a', 'broken'],
  ['-s', 'bad subject!!', '-a', 'x'],
  ['-s', 'agent/main', '-a', 'x', '--input', '[1]', '--json'],
  ['-s', 'agent/main', '-a', 'deploy', '--binding', 'other'],
];
const HOOKS = [
  fixture('pre-tool-use-bash.json'),
  fixture('stop.json'),
  fixture('stop.json').replace('"stop_hook_active": false', '"stop_hook_active": true'),
  fixture('user-prompt-submit.json'),
  '',
  'no JSON',
  '{"hook_event_name": "PreToolUse", "session_id": "s", "tool_name": 7}',
];

async function expectSame(args: readonly string[]): Promise<Said> {
  const plain = plainGate(args);
  if (plain === null) throw new Error(`${args.join(' ')} is no plain form`);
  const quick = await said(() => gatePlainly(plain));
  const whole = await said(() => main([process.execPath, 'rgov', ...args]));
  expect(quick, args.join(' ')).toEqual(whole);
  return quick;
}

const SITUATIONS: [string, (workspace: GatedWorkspace) => void, { deploy: number; bash: number }][] = [
  ['nothing is unheard', (ws) => ws.reconcile(), { deploy: 0, bash: 0 }],
  ['an event that nobody has decided', (ws) => ws.fail(), { deploy: 1, bash: 2 }],
  ['a notice that nobody has acknowledged', (ws) => ws.reconcile(), { deploy: 1, bash: 2 }],
  ['the same in posture notify', (ws) => ws.posture('notify'), { deploy: 0, bash: 0 }],
  ['documents that are not valid, in posture notify', (ws) => ws.editPolicy((text) => `${text}nonsense: true\n`), { deploy: 0, bash: 0 }],
  [
    'documents that are not valid, in posture enforce',
    (ws) => {
      ws.editPolicy((text) => text.replace('nonsense: true\n', ''));
      ws.posture('enforce');
      ws.reconcile();
      ws.editPolicy((text) => `${text}nonsense: true\n`);
    },
    { deploy: 1, bash: 2 },
  ],
  [
    'nothing that anybody remembers of the documents',
    (ws) => rmSync(join(ws.root, '.cache'), { recursive: true, force: true }),
    { deploy: 1, bash: 2 },
  ],
  [
    'a human who knows',
    (ws) => {
      ws.editPolicy((text) => text.replace('nonsense: true\n', ''));
      ws.run(['ack', ws.notice(), '--by', 'anna']);
    },
    { deploy: 0, bash: 0 },
  ],
  [
    'state that cannot be read',
    (ws) => {
      rmSync(join(ws.state, 'queue'), { recursive: true, force: true });
      writeFileSync(join(ws.state, 'queue'), 'no folder');
    },
    { deploy: 1, bash: 2 },
  ],
];

it.each(SITUATIONS)('%s: the quick way and the whole command line answer the same', async (what, prepare, { deploy, bash }) => {
  prepare(workspace);
  const codes: number[] = [];
  standardInput = '{"command": "make deploy"}';
  // Documents that are loaded anew for each question take their time.
  const few = what.includes('documents');
  for (const question of few ? QUESTIONS.slice(0, 1) : QUESTIONS) codes.push((await expectSame(['-C', workspace.root, 'gate', ...question])).code);
  expect(codes[0]).toBe(deploy);
  const hooks: number[] = [];
  for (const hook of few ? HOOKS.slice(0, 1) : HOOKS) {
    standardInput = hook;
    const { code, stdout, stderr } = await expectSame(['gate', '-C', workspace.root, '--claude-code']);
    hooks.push(code);
    expect(stdout).toBe('');
    if (code !== 0) expect([code, stderr]).toEqual([2, expect.stringContaining('report blocked')]);
  }
  // What a gate has no say in goes on in any case.
  expect(hooks.slice(0, 4)).toEqual(few ? [bash] : [bash, bash, 0, 0]);
});

it('where there is no workspace, both say so, and a hook holds back', async () => {
  standardInput = HOOKS[0] as string;
  expect((await expectSame(['-C', '/nowhere', 'gate', '-s', 'agent/main', '-a', 'x'])).code).toBe(2);
  expect((await expectSame(['-C', '/nowhere', 'gate', '--claude-code'])).code).toBe(2);
});

it.each([
  [['gate']],
  [['gate', '-s', 'a/b']],
  [['gate', '-s', 'a/b', '-a', 'x', '-s', 'c/d']],
  [['gate', '--subject=', '-a', 'x']],
  [['gate', '-sa/b', '-a', 'x']],
  [['gate', '-s', 'a/b', '-a', '--json']],
  [['gate', '-s', 'a/b', '-a', '']],
  [['gate', '-s', 'a/b', '-a', 'x', 'more']],
  [['gate', '-s', 'a/b', '-a', 'x', '--help']],
  [['-s', 'a/b', 'gate', '-a', 'x']],
  [['--json', 'gate', '-s', 'a/b', '-a', 'x']],
  [['gate', '--claude-code', '--json']],
  [['gate', '--claude-code', '-s', 'a/b']],
  [['gate', '--self-test']],
  [['report', 'gate', '-s', 'a/b', '-a', 'x']],
  [[]],
])('%j is left to the whole command line', (args) => {
  expect(plainGate(args)).toBeNull();
});

it('the built program goes both ways', () => {
  const run = (args: string[], input = '') => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, '-C', workspace.root, 'gate', ...args], { encoding: 'utf8', input });
    return { status, stdout, stderr };
  };
  expect(run(['-s', 'agent/main', '-a', 'deploy', '--json'])).toEqual(run(['-sagent/main', '-a', 'deploy', '--json']));
  const hook = run(['--claude-code'], HOOKS[0]);
  expect(hook).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(`${PROGRAM} -C ${workspace.root} report blocked`) });
});
