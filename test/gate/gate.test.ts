import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GateAnswer } from '../../src/run/gate/answer.ts';
import { askGate } from '../../src/run/gate/index.ts';
import { readDayIndex } from '../../src/store/day-index.ts';
import { GatedWorkspace } from './gated-workspace.ts';

/** Longer than the times of folders are coarse: only then is anything remembered of a day. */
const COME_TO_REST_MS = 2_600;

let workspace: GatedWorkspace;
beforeEach(() => {
  workspace = new GatedWorkspace();
});
afterEach(() => workspace.remove());

const edit = (change: (text: string) => string): void => workspace.editPolicy(change);
const ask = (action = 'deploy', tool = '', now_ms = Date.now()): Promise<GateAnswer> =>
  askGate({ workspace: workspace.root, about: { subject: 'agent/main', action, tool, input: {} } }, () => now_ms);
/** Puts a link to an empty folder in the place of a folder. */
function swap(folder: string): void {
  renameSync(folder, `${workspace.root}/moved`);
  mkdirSync(join(workspace.root, 'empty'));
  symlinkSync(join(workspace.root, 'empty'), folder);
}

const writePass = (time: string): void =>
  writeFileSync(join(workspace.state, '.pass.json'), `${JSON.stringify({ startedAt: time, finishedAt: time, nextDue: null })}\n`);

describe('in posture enforce', () => {
  it('it is open while nothing is unproved, and closed from the failure until a named human has said so', async () => {
    workspace.reconcile();
    expect((await ask()).open).toBe(true);
    workspace.fail();
    const undecided = await ask();
    expect(undecided).toMatchObject({ open: false, hints: ['rgov reconcile'] });
    workspace.reconcile();
    const closed = await ask();
    expect(closed).toMatchObject({
      open: false,
      held: [
        { id: 'no-deploy-while-unheard', notices: [{ notice: workspace.notice(), about: { severity: 'error', subject: 'job/x' }, proved: 'none' }] },
      ],
      hints: [`rgov ack ${workspace.notice()} --by NAME`],
    });
    workspace.run(['ack', workspace.notice(), '--by', 'anna']);
    expect(await ask()).toMatchObject({ open: true, held: [], warnings: [] });
  });

  it('a day that was settled and has changed since is looked at again, and no seal speaks for today', async () => {
    workspace.fail();
    workspace.reconcile();
    workspace.run(['ack', workspace.notice(), '--by', 'anna']);
    await sleep(COME_TO_REST_MS);
    workspace.reconcile();
    const { days } = readDayIndex(join(workspace.state, '.cache'), '');
    expect(Object.values(days)).toMatchObject([{ settled: true }]);
    expect((await ask()).open).toBe(true);
    workspace.run(['report', 'failed', '-s', 'job/y']);
    const closed = { open: false, held: [{ notices: [{ about: { subject: 'job/y', rule: '' } }] }] };
    expect(await ask()).toMatchObject(closed);
    mkdirSync(join(workspace.state, 'seals'), { recursive: true });
    writeFileSync(join(workspace.state, 'seals', `${Object.keys(days)[0]}.sha256`), '');
    expect(await ask()).toMatchObject(closed);
  });

  it('other actions, milder notices and older ones hold nothing back', async () => {
    workspace.fail();
    workspace.reconcile();
    expect((await ask('build')).open).toBe(true);
    const tomorrow_ms = Date.now() + 25 * 3_600_000;
    expect((await ask('deploy', '', tomorrow_ms)).held).toEqual([]);
    edit((text) => text.replace("severity >= 'error'", "severity > 'error'"));
    expect((await ask()).open).toBe(true);
  });

  it('the reporting path is never held back', async () => {
    workspace.fail();
    workspace.reconcile();
    expect(await ask('deploy', 'message')).toMatchObject({ open: true, exempt: true });
    expect(await ask('report')).toMatchObject({ open: true, exempt: true });
  });

  it('it is closed where documents are not valid, state cannot be read, or nobody has watched', async () => {
    workspace.reconcile();
    edit((text) => `${text}nonsense: true\n`);
    expect(await ask()).toMatchObject({ open: false, warnings: [expect.stringContaining('not valid')], hints: ['rgov validate'] });
    edit((text) => text.replace('nonsense: true\n', ''));
    expect((await ask()).open).toBe(true);
    expect(await ask('deploy', '', Date.now() + 100 * 86_400_000)).toMatchObject({ open: false, hints: ['rgov reconcile'] });
    rmSync(join(workspace.state, 'queue'), { recursive: true, force: true });
    writeFileSync(join(workspace.state, 'queue'), 'no folder');
    workspace.fail();
    expect((await ask()).open).toBe(false);
  });

  it.each([
    ['state is gone', () => rmSync(workspace.state, { recursive: true })],
    ['a link to an empty folder stands in its place', () => swap(workspace.state)],
    ['the last pass is yet to come', () => writePass('2099-01-01T00:00:00.000Z')],
    ['nobody remembers a pass', () => rmSync(join(workspace.state, '.pass.json'))],
  ])('it is closed where %s, until a pass has looked again', async (_, spoil) => {
    workspace.reconcile();
    expect((await ask()).open).toBe(true);
    spoil();
    expect(await ask()).toMatchObject({ open: false, hints: ['rgov reconcile'] });
    workspace.reconcile();
    expect((await ask()).open).toBe(true);
  });

  it.each(['events', 'queue', 'decisions'])('a link where a day of %s should be is not a day on which nothing happened', async (stage) => {
    workspace.reconcile();
    workspace.fail();
    if (stage !== 'events') workspace.reconcile();
    const [day = ''] = readdirSync(join(workspace.state, stage));
    swap(join(workspace.state, stage, day));
    expect(await ask()).toMatchObject({ open: false, warnings: [expect.stringContaining('a symbolic link')] });
  });

  it('an event that cannot be read, and that nobody has decided, may be the gravest', async () => {
    workspace.reconcile();
    workspace.fail();
    const [day = ''] = readdirSync(join(workspace.state, 'events'));
    const [file = ''] = readdirSync(join(workspace.state, 'events', day));
    truncateSync(join(workspace.state, 'events', day, file), 1);
    expect(await ask()).toMatchObject({ open: false, held: [{ notices: [{ about: { severity: 'critical' } }] }], hints: ['rgov reconcile'] });
  });

  it('a condition that cannot be evaluated keeps it closed', async () => {
    workspace.reconcile();
    edit((text) => text.replace('action == "deploy"', 'input.command == "deploy"'));
    expect(await ask()).toMatchObject({ open: false, held: [{ cannotTell: expect.stringContaining('cannot be evaluated') }] });
  });
});

it('in posture notify it is open, and says loudly what it would hold', async () => {
  workspace.posture('notify');
  workspace.fail();
  workspace.reconcile();
  const answer = await ask();
  expect(answer).toMatchObject({ open: true, held: [{ id: 'no-deploy-while-unheard' }], warnings: [expect.stringContaining('would be held back')] });
  edit((text) => `${text}nonsense: true\n`);
  expect(await ask()).toMatchObject({ open: true, warnings: [expect.stringContaining('not valid')] });
});

describe('rgov gate', () => {
  it('exits with 0 or 1, and keeps the answer of a closed gate out of the way of what is piped', () => {
    workspace.reconcile();
    expect(workspace.run(['gate', '-s', 'agent/main', '-a', 'deploy'])).toMatchObject({
      code: 0,
      stdout: 'open  deploy by agent/main\n',
      stderr: '',
    });
    workspace.fail();
    workspace.reconcile();
    const { code, stdout, stderr } = workspace.run(['gate', '-s', 'agent/main', '-a', 'deploy']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`opens it: rgov ack ${workspace.notice()} --by NAME`);
    const json = workspace.run(['gate', '-s', 'agent/main', '-a', 'deploy', '--json']);
    expect([json.code, JSON.parse(json.stdout).open]).toEqual([1, false]);
  });

  it('refuses what it cannot read', () => {
    expect(workspace.run(['gate', '-s', 'agent/main', '-a', 'x', '--input', '[1]'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--input'),
    });
    // The last of two keys would be the reporting path.
    const twice = '{"command":"make deploy","command":"rgov status"}';
    expect(workspace.run(['gate', '-s', 'agent/main', '-a', 'deploy', '--tool', 'Bash', '--input', twice])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('twice'),
    });
    expect(workspace.run(['gate', '-s', 'bad subject!!', '-a', 'x'])).toMatchObject({ code: 2, stderr: expect.stringContaining('is no subject') });
    expect(workspace.run(['-C', '/nowhere', 'gate', '-s', 'agent/main', '-a', 'x'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no folder'),
    });
    expect(workspace.run(['gate', '-a', 'x'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--subject') });
  });
});
