import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GateAnswer } from '../../src/run/gate/answer.ts';
import { askGate } from '../../src/run/gate/index.ts';
import { CliWorkspace } from '../support/cli-workspace.ts';

const POLICY = 'policy/unattended-work.yaml';
const PROFILE = 'profiles/local-file.yaml';
const GATES = `  gates:
    - id: no-deploy-while-unheard
      reason: Nobody deploys while a failure has reached nobody.
      action: action == "deploy"
      requires: { notices: "severity >= 'error'", evidence: acknowledged, within: 24h }
`;

let workspace: CliWorkspace;
beforeEach(() => {
  workspace = new CliWorkspace();
  edit(POLICY, (text) => `${text.trimEnd()}\n${GATES}`);
  posture('enforce');
});
afterEach(() => workspace.remove());

const edit = (path: string, change: (text: string) => string): void => {
  const file = join(workspace.root, path);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
};
const posture = (name: string): void => edit(PROFILE, (text) => text.replace(/posture: \w+/, `posture: ${name}`));
const ask = (action = 'deploy', tool = '', now_ms = Date.now()): Promise<GateAnswer> =>
  askGate({ workspace: workspace.root, about: { subject: 'agent/main', action, tool, input: {} } }, () => now_ms);
const fail = (): void => void workspace.run(['report', 'failed', '-s', 'job/x']);
const reconcile = (): void => void workspace.run(['reconcile']);
const notice = (): string =>
  readdirSync(join(workspace.state, 'queue'))
    .flatMap((day) => readdirSync(join(workspace.state, 'queue', day)))[0]
    ?.replace('.json', '') ?? '';

describe('in posture enforce', () => {
  it('it is open while nothing is unproved, and closed from the failure until a named human has said so', async () => {
    reconcile();
    expect((await ask()).open).toBe(true);
    fail();
    const undecided = await ask();
    expect(undecided).toMatchObject({ open: false, hints: ['rgov reconcile'] });
    reconcile();
    const closed = await ask();
    expect(closed).toMatchObject({
      open: false,
      held: [{ id: 'no-deploy-while-unheard', notices: [{ notice: notice(), about: { severity: 'error', subject: 'job/x' }, proved: 'none' }] }],
      hints: [`rgov ack ${notice()} --by NAME`],
    });
    workspace.run(['ack', notice(), '--by', 'anna']);
    expect(await ask()).toMatchObject({ open: true, held: [], warnings: [] });
  });

  it('other actions, milder notices and older ones hold nothing back', async () => {
    fail();
    reconcile();
    expect((await ask('build')).open).toBe(true);
    const tomorrow_ms = Date.now() + 25 * 3_600_000;
    expect((await ask('deploy', '', tomorrow_ms)).held).toEqual([]);
    edit(POLICY, (text) => text.replace("severity >= 'error'", "severity > 'error'"));
    expect((await ask()).open).toBe(true);
  });

  it('the reporting path is never held back', async () => {
    fail();
    reconcile();
    expect(await ask('deploy', 'message')).toMatchObject({ open: true, exempt: true });
    expect(await ask('report')).toMatchObject({ open: true, exempt: true });
  });

  it('it is closed where documents are not valid, state cannot be read, or nobody has watched', async () => {
    reconcile();
    edit(POLICY, (text) => `${text}nonsense: true\n`);
    expect(await ask()).toMatchObject({ open: false, warnings: [expect.stringContaining('not valid')], hints: ['rgov validate'] });
    edit(POLICY, (text) => text.replace('nonsense: true\n', ''));
    expect((await ask()).open).toBe(true);
    expect(await ask('deploy', '', Date.now() + 100 * 86_400_000)).toMatchObject({ open: false, hints: ['rgov reconcile'] });
    rmSync(join(workspace.state, 'queue'), { recursive: true, force: true });
    writeFileSync(join(workspace.state, 'queue'), 'no folder');
    fail();
    expect((await ask()).open).toBe(false);
  });

  it('a condition that cannot be evaluated keeps it closed', async () => {
    reconcile();
    edit(POLICY, (text) => text.replace('action: action == "deploy"', 'action: input.command == "deploy"'));
    expect(await ask()).toMatchObject({ open: false, held: [{ cannotTell: expect.stringContaining('cannot be evaluated') }] });
  });
});

it('in posture notify it is open, and says loudly what it would hold', async () => {
  posture('notify');
  fail();
  reconcile();
  const answer = await ask();
  expect(answer).toMatchObject({ open: true, held: [{ id: 'no-deploy-while-unheard' }], warnings: [expect.stringContaining('would be held back')] });
  edit(POLICY, (text) => `${text}nonsense: true\n`);
  expect(await ask()).toMatchObject({ open: true, warnings: [expect.stringContaining('not valid')] });
});

describe('rgov gate', () => {
  it('exits with 0 or 1, and keeps the answer of a closed gate out of the way of what is piped', () => {
    reconcile();
    expect(workspace.run(['gate', '-s', 'agent/main', '-a', 'deploy'])).toMatchObject({
      code: 0,
      stdout: 'open  deploy by agent/main\n',
      stderr: '',
    });
    fail();
    reconcile();
    const { code, stdout, stderr } = workspace.run(['gate', '-s', 'agent/main', '-a', 'deploy']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`opens it: rgov ack ${notice()} --by NAME`);
    const json = workspace.run(['gate', '-s', 'agent/main', '-a', 'deploy', '--json']);
    expect([json.code, JSON.parse(json.stdout).open]).toEqual([1, false]);
  });

  it('refuses what it cannot read', () => {
    expect(workspace.run(['gate', '-s', 'agent/main', '-a', 'x', '--input', '[1]'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--input'),
    });
    expect(workspace.run(['gate', '-s', 'bad subject!!', '-a', 'x'])).toMatchObject({ code: 2, stderr: expect.stringContaining('is no subject') });
    expect(workspace.run(['-C', '/nowhere', 'gate', '-s', 'agent/main', '-a', 'x'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no folder'),
    });
    expect(workspace.run(['gate', '-a', 'x'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--subject') });
  });
});
