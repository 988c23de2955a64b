import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CliWorkspace } from '../support/cli-workspace.ts';
import { artifactsOf, eventually, Watching } from '../support/watching.ts';

const NO_RESCAN = ['--rescan', '1h'];

let workspace: CliWorkspace;
let watching: Watching | undefined;
let binding: string;

beforeEach(() => {
  workspace = new CliWorkspace();
  binding = join(workspace.root, 'bindings', 'default.yaml');
});
afterEach(async () => {
  await watching?.kill();
  workspace.remove();
});

it('an edit is in force at once, an invalid one is reported and changes nothing, and taking it back is noticed', async () => {
  watching = await Watching.ready(workspace.root, NO_RESCAN);
  const valid = readFileSync(binding, 'utf8');
  const { digest } = await watching.fact('started');

  writeFileSync(binding, `${valid}\n# edited\n`);
  const reloaded = await watching.fact('reloaded');
  expect(reloaded).toMatchObject({ binding: 'default', changed: true });
  expect(reloaded['digest']).not.toBe(digest);

  writeFileSync(binding, valid.replace('profile:', 'profil:'));
  const invalid = await watching.fact('documents_invalid');
  expect(invalid).toMatchObject({ problems: expect.arrayContaining([expect.objectContaining({ file: 'bindings/default.yaml' })]) });
  expect((invalid['problems'] as { line: number; message: string }[])[0]).toMatchObject({
    line: expect.any(Number),
    message: expect.stringMatching(/./),
  });
  workspace.run(['validate']);
  watching.forget();

  // Recorded by hand: other commands refuse to work with such documents.
  const inbox = join(workspace.state, 'inbox');
  writeFileSync(
    join(workspace.root, 'e.json'),
    JSON.stringify({ specversion: '1.0', id: '1', source: 'test', type: 'run.failed', subject: 'job/x' }),
  );
  renameSync(join(workspace.root, 'e.json'), join(inbox, 'e.json'));
  expect(await watching.fact('pass')).toMatchObject({ notices: 1 });

  writeFileSync(binding, `${valid}\n# edited\n`);
  expect(await watching.fact('reloaded')).toMatchObject({ changed: false, digest: reloaded['digest'] });
});

it('documents that were replaced by a rename, and new folders, are noticed', async () => {
  rmSync(join(workspace.root, 'profiles'), { recursive: true, force: true });
  watching = await Watching.ready(workspace.root, NO_RESCAN);
  writeFileSync(`${binding}.new`, `${readFileSync(binding, 'utf8')}\n# edited\n`);
  renameSync(`${binding}.new`, binding);
  await watching.fact('reloaded');
  watching.forget();
  mkdirSync(join(workspace.root, 'profiles'), { recursive: true });
  writeFileSync(join(workspace.root, 'profiles', 'bad.yaml'), 'kind: Nonsense\n');
  await watching.fact('documents_invalid');
});

it('what no watcher noticed is noticed by the rescan', async () => {
  rmSync(join(workspace.root, 'policy'), { recursive: true, force: true });
  watching = await Watching.ready(workspace.root, ['--rescan', '1s']);
  // A folder of its own may be replaced as a whole, and nobody watches what is new.
  renameSync(join(workspace.root, 'bindings'), join(workspace.root, 'bindings-old'));
  await watching.fact('documents_invalid');
  renameSync(join(workspace.root, 'bindings-old'), join(workspace.root, 'bindings'));
  await watching.fact('reloaded');
  watching.forget();
  writeFileSync(binding, `${readFileSync(binding, 'utf8')}\n# edited\n`);
  await watching.fact('reloaded');
});

it('another state folder is worked and watched from then on', async () => {
  watching = await Watching.ready(workspace.root, NO_RESCAN);
  writeFileSync(binding, readFileSync(binding, 'utf8').replace(/state: .*/, 'state: elsewhere'));
  expect(await watching.fact('reloaded')).toMatchObject({ state: join(workspace.root, 'elsewhere') });
  watching.forget();
  workspace.run(['report', 'failed', '-s', 'job/x']);
  await watching.fact('receipt');
  await eventually('a receipt elsewhere', () => artifactsOf(join(workspace.root, 'elsewhere'), 'receipts').length === 1);
});

it('SIGHUP makes a pass and reads the documents, and kills nobody', async () => {
  watching = await Watching.ready(workspace.root, NO_RESCAN);
  await eventually('the first pass', () => existsSync(join(workspace.state, '.pass.json')));
  const before = readFileSync(join(workspace.state, '.pass.json'), 'utf8');
  watching.signal('SIGHUP');
  await eventually('another pass', () => readFileSync(join(workspace.state, '.pass.json'), 'utf8') !== before);
  expect(await watching.stop()).toBe(0);
});

it('documents that are invalid at the start end it with exit code 2', async () => {
  writeFileSync(binding, 'kind: RuntimeBinding\n');
  const { code, stderr } = workspace.run(['watch']);
  expect(code).toBe(2);
  expect(stderr).toContain('bindings/default.yaml');
});

it.each(['0s', '999ms', '-1s', 'soon', '100y'])('a rescan of %s is refused', (rescan) => {
  expect(workspace.run(['watch', `--rescan=${rescan}`])).toMatchObject({ code: 2 });
});
