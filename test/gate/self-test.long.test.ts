import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Place } from '../support/cli.ts';
import { GatedWorkspace } from './gated-workspace.ts';
import { EXAMPLES, ShellGrounds } from './shell-grounds.ts';

let grounds: ShellGrounds;
let workspace: GatedWorkspace;
let place: Place;
beforeEach(() => {
  grounds = new ShellGrounds();
  ({ workspace, place } = grounds);
});
afterEach(() => grounds.remove());

const hook = (command: string, more: object = {}): object => ({ hooks: [{ type: 'command', command, ...more }] });
const settings = (path: string, hooks: object, more: object = {}): void => grounds.put(path, JSON.stringify({ ...more, hooks }));

it('a self-test says what is installed, and that it fires, whatever the real gate would say', async () => {
  expect(await grounds.selfTest()).toMatchObject({
    code: 0,
    shells: Array(4).fill({ status: 'not_installed' }),
  });
  workspace.fail();
  await grounds.repositoryWithHook(workspace.root);
  const gate = `rgov -C ${workspace.root} gate --claude-code`;
  const all = { PreToolUse: [hook(`${gate} || exit 2`)], Stop: [hook(gate)], SubagentStop: [hook(gate)] };
  settings('.claude/settings.json', all);
  mkdirSync(place.path('.claude'));
  const user = { PreToolUse: [{ matcher: 'Write|Edit', ...hook('rgov', { args: ['gate', '--claude-code'] }) }] };
  writeFileSync(place.path('.claude/settings.json'), JSON.stringify({ hooks: user }));
  grounds.put('.github/workflows/deploy.yml', readFileSync(join(EXAMPLES, 'github-deploy.yml'), 'utf8'));
  const before = workspace.status().counts;
  const { code, shells } = await grounds.selfTest();
  expect(shells.map(({ status, why }) => [status, why])).toEqual([...Array(6).fill(['fires', '']), ['not_installed', '']]);
  expect(code).toBe(0);
  // Nothing real was asked, and nothing was recorded.
  expect(workspace.status().counts).toEqual(before);
});

it('a self-test finds what does not fire, and says why', async () => {
  const other = new GatedWorkspace();
  await grounds.repositoryWithHook(workspace.root);
  const gate = `rgov -C ${workspace.root} gate --claude-code`;
  settings('.claude/settings.json', {
    PreToolUse: [
      hook(`${gate} || true`),
      hook('rgov-that-is-not-there gate --claude-code'),
      hook(`rgov -C ${other.root} gate --claude-code`),
      hook(`${gate}; exit 2`),
      hook(gate, { async: true }),
      { matcher: 'NoSuchTool', ...hook(gate) },
    ],
    PostToolUse: [hook(gate)],
  });
  settings('.claude/settings.local.json', { Stop: [hook(gate)] }, { disableAllHooks: true });
  chmodSync(join(workspace.root, '.git/hooks/pre-push'), 0o644);
  const touched = join(workspace.root, 'touched');
  const job = (step: string): string => `jobs:\n  a:\n    steps:\n      - ${step}\n`;
  const workflows = {
    'ignored.yml': job('{ run: rgov gate -s a/b -a deploy, continue-on-error: true }'),
    'more.yml': job(`run: rgov gate -s a/b -a deploy && touch ${touched}`),
    'spliced.yml': job(`run: rgov gate -s "a/\${{ github.actor }}" -a deploy`),
    'masked.yml': job(`run: "! rgov -C ${workspace.root} gate -s a/b -a deploy"`),
  };
  for (const [name, text] of Object.entries(workflows)) grounds.put(`.github/workflows/${name}`, text);
  const { code, shells, of } = await grounds.selfTest();
  expect(code).toBe(1);
  expect(shells.map(({ status }) => status)).toEqual([...Array(13).fill('does_not_fire'), 'not_installed']);
  expect(shells.slice(0, 8).map(({ why }) => why)).toEqual([
    expect.stringContaining('lets the action go on'),
    expect.stringContaining('does not ask the gate: it ends with exit code 127'),
    expect.stringContaining(`another workspace, ${other.root}`),
    expect.stringContaining('holds the action back all the same'),
    expect.stringContaining('in the background'),
    expect.stringContaining('its matcher lets no tool through'),
    expect.stringContaining('no say in PostToolUse'),
    expect.stringContaining('disableAllHooks'),
  ]);
  expect(of('pre-push')?.why).toContain('not executable');
  expect(of('ignored.yml')?.why).toContain('continue-on-error');
  expect([of('more.yml')?.why, of('spliced.yml')?.why]).toEqual([expect.stringContaining('more than ask'), expect.stringContaining('expression')]);
  expect(of('masked.yml')?.why).toContain('lets the action go on');
  expect(() => readFileSync(touched)).toThrow();
  other.remove();
});
