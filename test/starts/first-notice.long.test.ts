import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filesBelow } from '../support/files.ts';
import { OK, type Receiver, startReceiver } from '../support/loopback-receiver.ts';
import { commandsInReadme, root } from './readme.ts';

// What the README shows for each runtime is done here as a new user does it: in an empty folder, in one shell, line by line, with the built
// program. Only what such a user has on their machine and on the Internet is played: the runtime's own program, and the receiver.

const COMMANDS = commandsInReadme();
/** Runtimes that are there are asked by a program; this is what it prints. */
const PLAYED: Record<string, string> = {
  kubectl: 'kubernetes/job-failed-backoff.json',
  gh: 'github-actions/api-runs.json',
};

let home: string;
let receiver: Receiver;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'rgov-first-notice-'));
  mkdirSync(join(home, 'bin'));
  receiver = await startReceiver([OK]);
  put('rgov', `exec ${process.execPath} ${join(root, 'dist/rgov.cjs')} "$@"`);
  put(
    'crontab',
    'case "$1" in -l) cat "$HOME/table" 2>/dev/null || { echo "no crontab for me" >&2; exit 1; };; -) cat > "$HOME/table";; *) exit 64;; esac',
  );
  for (const [program, sample] of Object.entries(PLAYED)) put(program, `cat ${join(root, 'test/fixtures', sample)}`);
  const openclaw = join(root, 'test/fixtures/openclaw');
  put(
    'openclaw',
    `case "$1 $2" in 'tasks list') cat ${openclaw}/tasks-list-failed.json;; 'gateway call') printf '%s\\n' "$*" >> ${home}/sent; cat ${openclaw}/gwcall-send-ok.json;; *) exit 64;; esac`,
  );
});
afterEach(async () => {
  await receiver.close();
  rmSync(home, { recursive: true, force: true });
});

function put(name: string, script: string): void {
  writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(home, 'bin', name), 0o755);
}

/** The lines one after the other in one shell, each with its exit code behind it. */
async function shell(lines: readonly string[]): Promise<{ codes: number[]; output: string }> {
  const script = lines.map((line) => `${line}\nprintf '\\n[code %s]\\n' $?`).join('\n');
  const env = { PATH: [join(home, 'bin'), process.env['PATH']].join(delimiter), HOME: home, TZ: 'UTC', LANG: 'C.UTF-8' };
  const child = spawn('bash', ['-c', `exec 2>&1\n${script}`], { cwd: home, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await new Promise((resolve) => child.on('close', resolve));
  return { codes: [...output.matchAll(/\[code (\d+)\]/g)].map(([, code]) => Number(code)), output };
}

/** What is different on this machine: everything that is called lies on it. */
function played(command: string): string[] {
  const { origin } = receiver;
  // It needs the whole of OpenClaw: test/activate has it with a stand-in, npm run test:e2e with the real one.
  if (command === 'rgov activate --as openclaw --write') return [];
  if (command !== 'cd reporting') return [command.replace('https://hooks.example.net/in', `${origin}/in`)];
  const binding = 'bindings/default.yaml';
  return [command, `sed -i 's#{ file: secrets/webhook-url }#&, allowHosts: [127.0.0.1]#; s#http://127.0.0.1:18789#${origin}#' ${binding}`];
}

const workspace = (...parts: string[]): string => join(home, 'reporting', ...parts);
const receipts = (): string[] =>
  Object.keys(filesBelow(workspace('state/receipts'))).map((path) => path.replace(/^.*_([a-z-]+)_[0-9a-f]+\.(\d+)\.(\w+)\.json$/, '$1 $2 $3'));
const read = (folder: string): string =>
  readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');

async function asShown(runtime: string): Promise<{ codes: number[]; output: string }> {
  const commands = COMMANDS[runtime] ?? [];
  expect(commands.length).toBeGreaterThan(2);
  return shell(commands.flatMap(played));
}

/** What stands in the table is what makes the next pass: with nothing but what cron itself gives it. */
async function oneLineOfCron(): Promise<void> {
  const [line] = readFileSync(join(home, 'table'), 'utf8')
    .split('\n')
    .filter((text) => /^[^#]/.test(text));
  const before = readFileSync(workspace('state/.pass.json'), 'utf8');
  const { codes, output } = await shell([(line ?? '').replace(/^(\S+ ){5}/, 'env -i PATH=/usr/bin:/bin ')]);
  expect(codes, output).toEqual([0]);
  expect(readFileSync(workspace('state/.pass.json'), 'utf8')).not.toBe(before);
}

describe('from an empty folder to a first notice', () => {
  it.each(['shell', 'cron', 'systemd'])('%s', async (runtime) => {
    const { codes, output } = await asShown(runtime);
    // The job of the trial ends with 3, and its end is passed on.
    expect(codes, output).toEqual([0, 0, 0, 3, 0, 0]);
    expect(read(workspace('notices'))).toMatch(/job\/hello failed: sh: exit code 3.*no space left/);
    expect(receipts()).toEqual(['operator 1 pending_external_send']);
    if (runtime === 'cron') await oneLineOfCron();
    if (runtime === 'systemd') expect(readdirSync(join(home, '.config/systemd/user')).join()).toMatch(/rgov-default-\w+\.timer/);
  });

  it('claude-code', async () => {
    const { codes, output } = await asShown('claude-code');
    expect(codes, output).toEqual([0, 0, 0, 0, 0, 0]);
    expect(read(workspace('notices'))).toContain('rate_limit');
    // Until a human has said that they read it, nothing leaves this machine.
    const call = JSON.stringify({ hook_event_name: 'PreToolUse', session_id: 'try-1', tool_name: 'Bash', tool_input: { command: 'git push' } });
    const push = `echo '${call}' | rgov gate --claude-code`;
    const gates = [
      'cd reporting',
      push,
      push.replace('git push', 'git status'),
      'rgov ack failure-reaches-operator --by anna',
      push,
      'rgov gate --self-test',
    ];
    const asked = await shell(gates);
    expect(asked.codes, asked.output).toEqual([0, 2, 0, 0, 0, 0]);
  });

  it('openclaw', async () => {
    const { codes, output } = await asShown('openclaw');
    expect(codes, output).toEqual([0, 0, 0, 0, 0]);
    const sent = readFileSync(join(home, 'sent'), 'utf8').trim().split('\n');
    expect(sent.every((line) => line.includes('"to":"555001"') && line.includes('"channel":"telegram"'))).toBe(true);
    // The trial, and what its list says of tasks that failed.
    expect(sent.length).toBeGreaterThan(1);
    expect(new Set(receipts())).toEqual(new Set(['operator 1 acked']));
  });

  it.each(['kubernetes', 'github-actions'])('%s', async (runtime) => {
    const { codes, output } = await asShown(runtime);
    expect(codes, output).toEqual([0, 0, 0, 0, 0, 0]);
    expect(receiver.requests.length, output).toBeGreaterThan(1);
    expect(receiver.requests.every(({ path }) => path === '/in')).toBe(true);
    expect(new Set(receipts())).toEqual(new Set(['operator 1 acked']));
    await oneLineOfCron();
  });
});

it('a runtime whose program is missing is a source that cannot be heard, and the pass says so', async () => {
  rmSync(join(home, 'bin/kubectl'));
  const [make = '', enter = '', url = ''] = (COMMANDS['kubernetes'] ?? []).flatMap(played).filter((line) => !line.startsWith('sed'));
  const { output } = await shell([make, enter, url, 'PATH=$HOME/bin:$(dirname $(command -v bash)) rgov reconcile']);
  expect(existsSync(workspace('state/events'))).toBe(false);
  expect(output).toMatch(/not heard.*cluster.*kubectl/);
});
