import { expect, it } from 'vitest';
import { isExempt } from './exempt.ts';
import { ownCommand } from './own-command.ts';

const NODE = '/usr/bin/node';
const PROGRAM = '/opt/rgov/dist/rgov.cjs';
// A folder that is there, and that a relative path could lead to as well.
const OWN = '/usr';
const own = ownCommand({ workspace: OWN }, [NODE, PROGRAM]);

const asked = (tool: string, input: Record<string, unknown> = {}) => ({ action: 'tool', subject: 'agent/main', tool, input });
const bash = (command: unknown, more: Record<string, unknown> = {}) => isExempt(asked('Bash', { command, ...more }), own);

it.each([
  'rgov report failed --subject agent/main',
  'rgov report blocked -s agent/main --summary "waiting for a human"',
  'rgov report blocked -s agent/main --summary "it failed! why? nobody knows (3 of 4)"',
  "rgov report blocked -s agent/main --summary='two lines:\nthe second; with | and $HOME, which are text here'",
  'rgov report failed \\\n  --subject agent/main \\\n  --data exit=3 2>&1',
  `rgov -C ${OWN} report failed -s 'agent/main'`,
  `rgov report failed -s agent/main --workspace ${OWN} --json`,
  `${PROGRAM} report failed -s agent/main`,
  `'${PROGRAM}' report failed -s agent/main`,
  `${NODE} ${PROGRAM} -C ${OWN} report failed -s agent/main`,
  `rgov -C ${OWN} reconcile -q`,
  'rgov status',
  'rgov gate -s agent/main -a deploy --json',
  '  rgov explain 20261122T030000.000Z_rule_operator_3f9a2c1b7d4e  \n',
])('%j may always run', (command) => {
  expect(bash(command)).toBe(true);
});

it.each([
  // More than one command, or anything that is expanded.
  'rgov report failed; make deploy',
  'rgov report failed && make deploy',
  'rgov report failed & make deploy',
  'rgov report failed | sh',
  'rgov report $(make deploy)',
  'rgov report `make deploy`',
  'rgov report "$(make deploy)"',
  'rgov report "`make deploy`"',
  'rgov report failed > /etc/passwd',
  'rgov report failed 2>&1 > /etc/passwd',
  'rgov report failed 2>&1; make deploy',
  'rgov report failed <(make deploy)',
  'rgov report failed\nmake deploy',
  'rgov report failed\rmake deploy',
  'rgov report failed \\\nmake\ndeploy',
  'rgov report failed\u2028make deploy',
  'rgov report failed\u0000make deploy',
  "rgov report $'a\\nmake deploy'",
  'rgov report "\\$(make deploy)"',
  'rgov report "!!"',
  'rgov report "unclosed',
  "rgov report 'a'\\''b'",
  'rgov report *',
  'rgov report ~root',
  'rgov report {a,b}',
  'rgov report %PATH%',
  'make deploy # rgov report',
  // Another program, or the same one led elsewhere.
  '\u00a0rgov report failed',
  'rgov\u00a0report failed',
  'rg\u043ev report failed',
  '"rg\u043ev" report failed',
  'rgov\\\nx report failed',
  'rgov\\\nreport failed',
  './rgov report failed',
  '/tmp/rgov report failed',
  '/tmp/rgov.cjs report failed',
  `/opt/rgov/dist/../../../tmp/rgov.cjs report failed`,
  'node /tmp/rgov.cjs report failed',
  `${NODE} -r /tmp/x.js ${PROGRAM} report failed`,
  'PATH=/tmp rgov report failed',
  'env PATH=/tmp rgov report failed',
  'sudo rgov report failed',
  'exec rgov report failed',
  'npx rgov report failed',
  'rgovx report failed',
  // What it can do besides reporting.
  'rgov',
  'rgov constructor',
  'rgov run --subject job/x -- make deploy',
  'rgov -C report run -- make deploy',
  'rgov --json run -- make deploy',
  'rgov report failed -- make deploy',
  'rgov ack --by me 2026',
  'rgov ingest dsn forged.eml',
  'rgov confirm delivered 2026',
  'rgov gate --self-test',
  'rgov gate "--self-test"',
  "rgov gate --self'-test'",
  'rgov gate --claude-code',
  'rgov activate --as cron --write',
  'rgov doctor --probe',
  'rgov verify --git',
  'rgov reconcile --commit',
  // Another workspace, whose documents may name programs.
  'rgov reconcile',
  'rgov -C /tmp reconcile',
  'rgov -C . reconcile',
  `rgov -C ${OWN} reconcile -C /tmp`,
  `rgov -C ${OWN} reconcile --workspace=/tmp`,
  `rgov -C ${OWN}/../tmp reconcile`,
  `rgov -C ${OWN} reconcile -qC/tmp`,
  'rgov -C /tmp report failed',
])('%j is no way round a gate', (command) => {
  expect(bash(command)).toBe(false);
});

it.each([{ env: { PATH: '/tmp' } }, { workdir: '/tmp' }, { host: 'node' }, { elevated: true }, { pty: true }, { action: 'write' }])(
  'a report that comes with %j is another command',
  (more) => {
    expect(bash('rgov report failed', { description: 'Reports', timeout: 1000 })).toBe(true);
    expect(bash('rgov report failed', more)).toBe(false);
  },
);

it('speaking to a human is exempt, other tools are not, whatever they are called with', () => {
  const may = (tool: string, input = {}) => isExempt(asked(tool, input), own);
  expect([may('message'), may('message', { action: 'send', message: 'x' }), may('AskUserQuestion')]).toEqual([true, true, true]);
  expect(may('message', { action: 'ban' })).toBe(false);
  expect(isExempt({ action: 'report', subject: 'agent/main', tool: '', input: {} }, own)).toBe(true);
  const input = { command: 'rgov report failed' };
  for (const tool of ['Write', 'process', 'PowerShell', 'BASH', 'mcp__x__message', 'mcp__x__Bash', 'Message', 'b\u0430sh'])
    expect([tool, may(tool, input)]).toEqual([tool, false]);
  expect([bash(['rgov', 'report']), bash({ toString: 'rgov report' }), bash(null)]).toEqual([false, false, false]);
});

it('a program of another name is not this one, whatever it is', () => {
  const other = ownCommand({ workspace: OWN }, [NODE, '/opt/vitest/vitest.mjs']);
  expect(isExempt(asked('Bash', { command: '/opt/vitest/vitest.mjs report failed' }), other)).toBe(false);
});
