import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Catalog } from '../../src/model/catalog.ts';
import { claudeCode } from '../../src/run/activate/claude-code/index.ts';
import { type ActivateReport, activateKind } from '../../src/run/activate/index.ts';
import type { Site } from '../../src/run/activate/site.ts';
import { Grounds } from './site.ts';

const GATE = { pack: 'p', id: 'g', reason: '', action: 'true', notices: 'true', evidence: 'acknowledged', within_ms: 1 } as Catalog['gates'][number];
const GATED: Partial<Catalog> = { gates: [GATE], posture: 'enforce' };

let grounds: Grounds;
beforeEach(() => {
  grounds = new Grounds();
});
afterEach(() => grounds.remove());

const file = (scope: 'project' | 'local' | 'user' = 'project'): string =>
  scope === 'user'
    ? grounds.path('home/.claude/settings.json')
    : grounds.path('ws/.claude', scope === 'local' ? 'settings.local.json' : 'settings.json');
const put = (text: string, path = file()): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};
const text = (path = file()): string => readFileSync(path, 'utf8');
const run = (mode: 'write' | 'check' | 'remove' | 'print', site: Site = grounds.site(GATED), force = false): Promise<ActivateReport> =>
  activateKind(claudeCode, site, { mode, force });
interface Group {
  matcher?: string;
  hooks: { type: string; command: string; timeout?: number; onFailure?: string }[];
}
const hooks = (path = file()): Record<string, Group[]> => JSON.parse(text(path)).hooks;

describe('what is installed', () => {
  it('each hook is heard; where the policy has gates, they are asked before a tool and at the end of a turn', async () => {
    await run('write');
    const commands = Object.entries(hooks()).map(([event, [group]]) => [
      event,
      ...(group?.hooks ?? []).map(({ command }) => command.replace(/^.* --binding \S+ /, '')),
    ]);
    const hear = expect.stringMatching(/^ingest claude-code >\/dev\/null 2>&1 \|\| exit 1 # rgov activate: binding /);
    expect(commands).toEqual([
      ['SessionStart', hear],
      ['UserPromptSubmit', hear],
      ['PreToolUse', hear, 'gate --claude-code || exit 2'],
      ['PostToolUseFailure', hear],
      ['Notification', hear],
      ['Stop', hear, 'gate --claude-code'],
      ['StopFailure', hear],
      ['SubagentStop', hear, 'gate --claude-code'],
      ['SessionEnd', hear],
    ]);
    expect(hooks()['PreToolUse']?.[0]?.hooks[1]).toMatchObject({ type: 'command', timeout: 30, onFailure: 'block' });
  });

  it('without gates nothing is asked, and in posture notify nothing is held back by a fault', async () => {
    await run('write', grounds.site({ gates: [] }));
    expect(text()).not.toContain('gate --claude-code');
    const { warnings } = await run('write', grounds.site({ gates: [GATE], posture: 'notify' }));
    expect(hooks()['PreToolUse']?.[0]?.hooks[1]?.command).toMatch(/ gate --claude-code$/);
    expect(text()).not.toContain('onFailure');
    expect(warnings.join('\n')).toContain('hold nothing back');
  });

  it('the command holds when a shell reads it, whatever the path of the workspace', async () => {
    const site = grounds.site(GATED, { name: "it's $HOME; `x` #1" });
    await run('write', site);
    const path = `${site.root}/.claude/settings.json`;
    const command = hooks(path)['PreToolUse']?.[0]?.hooks[0]?.command.replace(' >/dev/null 2>&1', '') ?? '';
    const { stdout } = spawnSync('sh', ['-c', `set -- ${command.replace(/ \|\| exit 1 /, ' ')}\nprintf '%s\\n' "$@"`], { encoding: 'utf8' });
    expect(stdout.split('\n')).toEqual([site.node, site.program, '-C', site.root, '--binding', site.catalog.binding, 'ingest', 'claude-code', '']);
    expect((await run('check', site)).ok).toBe(true);
  });
});

const OTHERS = [
  '{\n  "model": "opus",\n  "hooks": {\n    "PreToolUse": [\n      { "matcher": "Bash", "hooks": [{ "type": "command", "command": "a # b" }] }\n    ],\n    "Stop": [],\n    "Odd": 7\n  },\n  "zeta": [1, 2.50, "\\u00e9"]\n}\n',
  '{"hooks":{"SessionEnd":[{"hooks":[{"type":"command","command":"x"}]}]},"permissions":{"deny":["Bash(rm *)"]}}',
  '{\n\t"permissions": {"allow": []},\n\t"env": {"A": "b"}\n}',
  '{\r\n    "model" : "x"\r\n}\r\n',
  '\n{ "a" : { } }  \n\n',
];

describe('among what others have there', () => {
  it.each(OTHERS)('it comes and goes, and leaves every byte as it was: %j', async (before) => {
    put(before);
    expect((await run('check')).ok).toBe(false);
    expect((await run('write')).pieces[0]?.done).toBe('written');
    const others = JSON.parse(before);
    const now = JSON.parse(text());
    expect(Object.keys(now).slice(0, Object.keys(others).length)).toEqual(Object.keys(others));
    for (const [key, value] of Object.entries(others)) if (key !== 'hooks') expect(now[key]).toEqual(value);
    for (const [event, groups] of Object.entries(others.hooks ?? {}))
      if (Array.isArray(groups)) expect(now.hooks[event].slice(0, groups.length)).toEqual(groups);
    const written = text();
    expect((await run('check')).ok).toBe(true);
    expect((await run('write')).pieces[0]?.done).toBe('kept');
    expect(text()).toBe(written);
    await run('remove');
    // An empty list of hooks is nothing, and goes with what was put into it.
    expect(text()).toBe(before.replace(',\n    "Stop": []', ''));
  });

  it('what others add later stays, on either side of it', async () => {
    put('{\n  "a": 1\n}\n');
    await run('write');
    const settings = JSON.parse(text());
    settings.hooks.Stop = [
      { hooks: [{ type: 'command', command: 'first' }] },
      ...settings.hooks.Stop,
      { hooks: [{ type: 'command', command: 'last' }] },
    ];
    settings.b = 2;
    put(JSON.stringify(settings, null, 4));
    expect((await run('check')).ok).toBe(true);
    await run('remove');
    const stop = ['first', 'last'].map((command) => ({ hooks: [{ type: 'command', command }] }));
    expect(JSON.parse(text())).toEqual({ a: 1, hooks: { Stop: stop }, b: 2 });
  });

  it('a file that was made for it goes with it, and so does its folder', async () => {
    await run('write');
    await run('remove');
    expect(existsSync(dirname(file()))).toBe(false);
    expect((await run('remove')).pieces[0]?.done).toBe('kept');
  });

  it.each(['{"hooks": []}', '{"hooks": {"Stop": 1}}', '[]', '{"a": 1,}', '{"hooks": {}, "hooks": {}}', '\ufeff{}', 'x'])(
    '%j cannot be added to: it says so, and writes nothing',
    async (before) => {
      put(before);
      await expect(run('write')).rejects.toThrow(/settings\.json/);
      expect(text()).toBe(before);
    },
  );
});

describe('drift', () => {
  it('every character of ours that changes is noticed, and taken for somebody who has edited it', async () => {
    put(OTHERS[0] as string);
    await run('write');
    const written = text();
    const group = JSON.stringify(hooks()['Stop']?.[0]?.hooks[1]?.command).slice(1, -1);
    const start = written.indexOf(group);
    expect(start).toBeGreaterThan(0);
    for (let at = start; at < start + group.length; at += 7) {
      put(written.slice(0, at) + (written[at] === 'x' ? 'y' : 'x') + written.slice(at + 1));
      const { ok, pieces } = await run('check');
      expect([ok, pieces[0]?.found, pieces[0]?.byHand]).toEqual([false, 'changed', true]);
    }
    put(written.replace('"timeout": 30', '"timeout": 31'));
    expect((await run('write')).pieces[0]?.done).toBe('refused');
    expect((await run('write', grounds.site(GATED), true)).pieces[0]?.done).toBe('written');
    expect(JSON.parse(text())).toEqual(JSON.parse(written));
  });

  it('a policy that has gates now, or another scope, is brought up to date', async () => {
    await run('write', grounds.site({ gates: [] }));
    const { ok, pieces } = await run('check');
    expect([ok, pieces[0]?.byHand]).toEqual([false, false]);
    await run('write');
    expect(text()).toContain('gate --claude-code');
    const user = grounds.site(GATED, { scope: 'user' });
    expect((await run('check', user)).pieces.map(({ found }) => found)).toEqual(['missing', 'leftover']);
    await run('write', user);
    expect([existsSync(file()), Object.keys(hooks(file('user'))).length]).toEqual([false, 9]);
  });

  it('two bindings have their own hooks in the same file', async () => {
    const other = grounds.site({ ...GATED, binding: 'other' });
    await run('write');
    const alone = text();
    await run('write', other);
    expect([(await run('check')).ok, (await run('check', other)).ok]).toEqual([true, true]);
    await run('remove', other);
    expect(text()).toBe(alone);
  });
});
