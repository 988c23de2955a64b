import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Place, type Ran } from '../support/cli.ts';

let place: Place;
beforeEach(async () => {
  place = await Place.initialised();
  Object.assign(place.env, { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_CEILING_DIRECTORIES: place.root });
});
afterEach(() => place.remove());

async function git(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await place.run('git', args);
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout.trimEnd();
}

const fail = (n = 1): Promise<Ran> => place.rgov(['run', '--subject', `job/${n}`, '--', 'false']);
const commits = async (): Promise<string[]> => (await git('log', '--format=%s')).split('\n');

/** Everything for the operator is refused by this sender, or taken into custody. */
function bind(argv: string[]): void {
  place.write(
    'bindings/default.yaml',
    `apiVersion: reporting-governance/v1
kind: RuntimeBinding
metadata: { name: default }
spec:
  profile: local-file
  state: state
  targets: { operator: { sender: out } }
  senders: { out: { use: command, with: { argv: ${JSON.stringify(argv)} } } }
`,
  );
}

describe('rgov reconcile --commit', () => {
  it('commits what the pass did, and prints one line', async () => {
    await git('init', '-q');
    await fail();
    const ran = await place.rgov(['reconcile', '--commit']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/\ncommitted {2}[0-9a-f]{12} {2}2 events, 1 notice: 1 pending\n$/);
    expect(await commits()).toEqual(['2 events, 1 notice: 1 pending']);
    expect(await git('status', '--porcelain', '--untracked-files=all', 'state')).toBe('');
  });

  it('names what is blocked in the message', async () => {
    bind(['false']);
    await git('init', '-q');
    await fail();
    const { code, stderr } = await place.rgov(['reconcile', '--commit', '-q']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const notice = (place.artifacts('queue')[0] as { id: string }).id;
    expect(await git('log', '--format=%B')).toBe(`3 events, 1 notice: 1 blocked\n\nblocked  ${notice}  rejected`);
  });

  it('does so after a pass that finds nothing to do, too', async () => {
    await git('init', '-q');
    await fail();
    await place.rgov(['reconcile']);
    await place.rgov(['reconcile']);
    const idle = await place.rgov(['reconcile', '--commit', '--json']);
    expect(JSON.parse(idle.stdout)).toMatchObject({
      events: 0,
      commit: { outcome: 'committed', message: '2 events, 1 notice: 1 pending', left: [] },
    });
    const again = await place.rgov(['reconcile', '--commit', '--json']);
    expect(JSON.parse(again.stdout).commit).toEqual({ outcome: 'nothing_new', left: [] });
    expect(await commits()).toHaveLength(1);
  });

  it('is not done without the option', async () => {
    await git('init', '-q');
    await fail();
    const { stdout } = await place.rgov(['reconcile', '--json']);
    expect(JSON.parse(stdout)).not.toHaveProperty('commit');
    await expect(git('log')).rejects.toThrow('does not have any commits');
  });

  it.each([
    ['takes the way of a pass that is fine', ['true'], 0],
    ['takes the way of a pass that left something blocked', ['false'], 1],
  ])('%s, whatever git says', async (_, argv, expected) => {
    bind(argv);
    await fail();
    const ran = await place.rgov(['reconcile', '--commit', '--quiet']);
    expect(ran.code).toBe(expected);
    expect(place.normal(ran.stderr)).toBe(
      'rgov: warning: nothing was committed (not_a_repository): the state folder lies in no git repository\n  hint: git init\n',
    );
    const json = await place.rgov(['reconcile', '--commit', '--json']);
    expect(JSON.parse(json.stdout).commit).toMatchObject({ outcome: 'not_committed', reason: 'not_a_repository' });
    expect(json.stderr).toContain('not_a_repository');
  });

  it('survives being killed between the index and the branch', async () => {
    await git('init', '-q');
    await fail();
    const shim = place.path('shim', 'git');
    place.write(
      '../shim/git',
      `#!/bin/sh\ncase "$*" in *update-ref*) kill -9 $PPID; exit 1;; esac\nexec /usr/bin/env PATH='${place.env['PATH']}' git "$@"\n`,
    );
    chmodSync(shim, 0o755);
    const killed = await place.rgov(['reconcile', '--commit'], { env: { PATH: `${place.path('shim')}:${place.env['PATH']}` } });
    expect(killed.code).toBe(137);
    expect(existsSync(place.ws('.git/index.lock'))).toBe(false);
    expect((await git('status', '--porcelain')).split('\n').filter((line) => line.startsWith('A  state/')).length).toBeGreaterThan(5);
    expect(await place.rgov(['reconcile', '--commit'])).toMatchObject({ code: 0, stderr: '' });
    expect(await commits()).toEqual(['2 events, 1 notice: 1 pending']);
    expect(await git('status', '--porcelain', 'state')).toBe('');
  });

  it('works from a hook of the repository itself', async () => {
    await git('init', '-q');
    await git('config', 'user.name', 'ops');
    await git('config', 'user.email', 'ops@example.org');
    await fail();
    writeFileSync(
      place.ws('.git/hooks/post-commit'),
      `#!/bin/sh\nexec '${process.execPath}' '${new URL('../../dist/rgov.cjs', import.meta.url).pathname}' reconcile --commit\n`,
      { mode: 0o755 },
    );
    place.write('file', 'x');
    await git('add', 'file');
    await git('commit', '-qm', 'by hand');
    expect(await commits()).toEqual(['2 events, 1 notice: 1 pending', 'by hand']);
    expect(await git('status', '--porcelain', 'state', 'file')).toBe('');
  });
});
