import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { selfTest } from '../../src/run/gate/self-test.ts';
import { Place, PROGRAM } from '../support/cli.ts';
import { GatedWorkspace } from './gated-workspace.ts';

const FOLDER = join(import.meta.dirname, '../../examples/openclaw-plugin');
const SOURCE = `  sources:
    openclaw: { adapter: openclaw, command: [openclaw, tasks, list, --json] }
`;

let place: Place;
let workspace: GatedWorkspace;
beforeEach(() => {
  place = new Place();
  workspace = new GatedWorkspace();
});
afterEach(() => {
  workspace.remove();
  place.remove();
});

/** A program that answers the two questions as OpenClaw 2026.9.6 does, and the self-test with it. */
async function test(plugin: object, config: object = {}, binding = SOURCE) {
  const settings = { command: [process.execPath, PROGRAM, '-C', workspace.root], state: workspace.state, ...config };
  const known = { id: 'reporting-governance', rootDir: FOLDER, enabled: true, status: 'loaded', ...plugin };
  writeFileSync(place.path('list.json'), JSON.stringify({ plugins: [{ id: 'telegram', status: 'loaded' }, known] }));
  writeFileSync(place.path('entry.json'), JSON.stringify({ enabled: true, config: settings }));
  writeFileSync(
    place.path('openclaw'),
    `#!/bin/sh\ncase "$1" in plugins) cat '${place.path('list.json')}';; config) cat '${place.path('entry.json')}';; esac\n`,
  );
  chmodSync(place.path('openclaw'), 0o755);
  workspace.edit(
    'bindings/default.yaml',
    (text) => `${text.trimEnd()}
${binding}`,
  );
  const env = { ...place.env, PATH: `${place.root}:${process.env['PATH']}` };
  return (await selfTest({ workspace: workspace.root }, env)).shells.find(({ shell }) => shell === 'openclaw');
}

it('the plugin that OpenClaw has fires: it holds a tool back, and lets it run', async () => {
  expect(await test({})).toMatchObject({ status: 'fires', where: join(FOLDER, 'index.mjs'), why: '', notes: [expect.stringContaining('--runtime')] });
});

it.each<[string, object, object, RegExp]>([
  ['is switched off', { enabled: false }, {}, /switched off/],
  ['cannot be loaded', { status: 'error' }, {}, /cannot load it: error/],
  ['asks about nothing', {}, { gate: false }, /asks about no tool/],
  ['lies nowhere', { rootDir: '/nowhere' }, {}, /does not ask the gate: it ends with exit code 1/],
  ['asks another workspace', {}, { command: [process.execPath, PROGRAM, '-C', '/'] }, /asks no workspace|asks another workspace/],
  ['asks another program', {}, { command: ['true'] }, /does not ask the gate/],
])('one that %s does not', async (_, plugin, config, why) => {
  expect(await test(plugin, config)).toMatchObject({ status: 'does_not_fire', why: expect.stringMatching(why) });
});

it('a workspace that has nothing to do with OpenClaw asks none', async () => {
  expect(await test({}, {}, '')).toMatchObject({ status: 'not_installed', mend: 'rgov activate --as openclaw --write' });
});
