import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Place, Ran } from '../support/cli.ts';
import type { GatedWorkspace } from './gated-workspace.ts';
import { EXAMPLES, ShellGrounds } from './shell-grounds.ts';

let grounds: ShellGrounds;
let workspace: GatedWorkspace;
let place: Place;
beforeEach(() => {
  grounds = new ShellGrounds();
  ({ workspace, place } = grounds);
});
afterEach(() => grounds.remove());

it('a push is held back while a failure has reached nobody, and goes on once a human knows', async () => {
  const { push, refs } = await grounds.repositoryWithHook(place.path("it's a $(touch x) tree"));
  workspace.fail();
  workspace.reconcile();
  const held = await push();
  expect(held.code).not.toBe(0);
  expect(held.stderr).toContain(`opens it: rgov ack ${workspace.notice()} --by NAME`);
  expect(await refs()).toBe('');
  workspace.run(['ack', workspace.notice(), '--by', 'anna']);
  expect(await push()).toMatchObject({ code: 0 });
  expect(await refs()).toContain('refs/heads/main');
});

it('a push is held back where the hook finds no program, or no workspace', async () => {
  const folder = place.path('tree');
  const { push, refs } = await grounds.repositoryWithHook(folder);
  await grounds.git(folder, 'config', 'rgov.program', '/nowhere/rgov');
  expect((await push()).code).not.toBe(0);
  await grounds.git(folder, 'config', 'rgov.program', 'rgov');
  await grounds.git(folder, 'config', 'rgov.workspace', '/nowhere');
  expect((await push()).code).not.toBe(0);
  expect(await refs()).toBe('');
});

it('the step of GitHub Actions stops its job in the same way', async () => {
  const { jobs } = parse(readFileSync(join(EXAMPLES, 'github-deploy.yml'), 'utf8'));
  const step = jobs.deploy.steps.find(({ run }: { run?: string }) => run?.includes('rgov -C'));
  writeFileSync(place.path('step.sh'), step.run);
  const own = { WORKSPACE: workspace.root, SUBJECT: step.env.SUBJECT.replace(/\$\{\{.*?\}\}/, 'acme/shop') };
  const run = (): Promise<Ran> => place.run('bash', ['-e', place.path('step.sh')], { cwd: place.root, env: { ...grounds.env, ...own } });
  workspace.reconcile();
  expect(await run()).toMatchObject({ code: 0, stdout: 'open  deploy by ci/acme/shop\n' });
  workspace.fail();
  expect(await run()).toMatchObject({ code: 1, stderr: expect.stringContaining('closed') });
});

it('core.hooksPath is where git looks, and so does the self-test', async () => {
  await grounds.repositoryWithHook(workspace.root);
  rmSync(join(workspace.root, '.git/hooks/pre-push'));
  await grounds.git(workspace.root, 'config', 'core.hooksPath', 'tools/hooks');
  mkdirSync(join(workspace.root, 'tools/hooks'), { recursive: true });
  copyFileSync(join(EXAMPLES, 'pre-push'), join(workspace.root, 'tools/hooks/pre-push'));
  expect((await grounds.selfTest()).of('tools/hooks/pre-push')).toMatchObject({ status: 'fires' });
});
