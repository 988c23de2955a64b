import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CliWorkspace } from '../support/cli-workspace.ts';
import { artifactsOf, drop, eventually, failedEvent, sleep, Watching } from '../support/watching.ts';

const NO_RESCAN = ['--rescan', '1h'];

let workspace: CliWorkspace;
let watching: Watching;

beforeEach(() => {
  workspace = new CliWorkspace();
});
afterEach(async () => {
  expect(watching.child.exitCode).toBe(null);
  await watching.kill();
  workspace.remove();
});

const state = (...parts: string[]): string => join(workspace.state, ...parts);
const receipts = (): string[] => artifactsOf(workspace.state, 'receipts');
const worksAgain = async (): Promise<void> => {
  const before = receipts().length;
  expect(workspace.run(['report', 'failed', '-s', `job/again-${before}`]).code).toBe(0);
  await eventually('a receipt after the bell', () => receipts().length === before + 1);
  drop(workspace.root, 'again.json', failedEvent(`dropped-${before}`));
  await eventually('a receipt after a drop', () => receipts().length === before + 2);
};

function removed(path: string): boolean {
  try {
    rmSync(path, { recursive: true });
    return true;
  } catch {
    return false;
  }
}

it('state/ may be removed: the rescan makes it again', async () => {
  watching = await Watching.ready(workspace.root, ['--rescan', '1s']);
  await worksAgain();
  for (let i = 0; i < 3; i++) {
    // A pass may just be ending in it.
    await eventually('its removal', () => removed(workspace.state));
    await eventually('a drop folder', () => existsSync(state('inbox')));
    await worksAgain();
  }
});

it('state/ may be removed and put back by somebody else, who need not wait for the rescan', async () => {
  watching = await Watching.ready(workspace.root, NO_RESCAN);
  await worksAgain();
  // The echo of its own work would make the folder again.
  await sleep(1_000);
  renameSync(workspace.state, `${workspace.state}-old`);
  await watching.fact('watching_limited');
  mkdirSync(`${workspace.state}-new/inbox`, { recursive: true });
  renameSync(`${workspace.state}-new`, workspace.state);
  await eventually('a pass over the new one', () => existsSync(state('.pass.json')));
  await worksAgain();
});

it('state/ may be replaced at once, under a process that is busy', async () => {
  watching = await Watching.ready(workspace.root, ['--rescan', '1s']);
  for (let i = 0; i < 300; i++) drop(workspace.root, `${i}.json`, failedEvent(`busy-${i}`));
  for (let i = 0; i < 10; i++) {
    renameSync(workspace.state, `${workspace.state}-${i}`);
    mkdirSync(workspace.state, { recursive: true, mode: 0o700 });
    await new Promise((resolve) => setTimeout(resolve, 30));
    mkdirSync(workspace.state, { recursive: true });
  }
  await eventually('a drop folder', () => existsSync(state('inbox')));
  await eventually('a pass', () => existsSync(state('.pass.json')));
  await worksAgain();
});

it('the drop folder and the bell may be replaced', async () => {
  watching = await Watching.ready(workspace.root, NO_RESCAN);
  await worksAgain();
  renameSync(state('inbox'), state('..', 'inbox-old'));
  mkdirSync(state('inbox'));
  rmSync(state('.bell'));
  await worksAgain();
  renameSync(state('.bell'), state('..', 'bell-old'));
  writeFileSync(state('.bell'), '');
  await worksAgain();
});

it('a drop folder that was removed is made again by the rescan', async () => {
  watching = await Watching.ready(workspace.root, ['--rescan', '1s']);
  rmSync(state('inbox'), { recursive: true });
  await eventually('a drop folder', () => existsSync(state('inbox')));
  await worksAgain();
});

it('what stands in the way of the state is told, and work goes on when it is gone', async () => {
  watching = await Watching.ready(workspace.root, ['--rescan', '1s']);
  await eventually('the first pass', () => existsSync(state('.pass.json')));
  rmSync(workspace.state, { recursive: true, force: true });
  writeFileSync(workspace.state, 'not a folder');
  await watching.fact('watching_limited');
  rmSync(workspace.state);
  await eventually('a drop folder', () => existsSync(state('inbox')));
  await worksAgain();
});

it('a pass that fails is told, and tried again', async () => {
  watching = await Watching.ready(workspace.root, ['--rescan', '1s']);
  await eventually('the first pass', () => existsSync(state('.pass.json')));
  rmSync(state('events'), { recursive: true, force: true });
  writeFileSync(state('events'), 'not a folder');
  expect(await watching.fact('pass_failed')).toMatchObject({
    kind: 'state_io',
    hint: expect.any(String),
    message: expect.stringContaining('events'),
  });
  rmSync(state('events'));
  await watching.fact('pass');
  await worksAgain();
});
