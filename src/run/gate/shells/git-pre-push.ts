import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { runChild } from '../../child.ts';
import { exitCodeOf, type Installed, LIMIT_MS, type Shell, type Surroundings } from './shell.ts';
import { readTextOrNull } from './text-file.ts';

const NO_COMMIT = '0'.repeat(40);
const SOME_COMMIT = '1'.repeat(40);
/** What git says on standard input of a push: a branch that nobody has, to a remote that is none (githooks(5), pre-push). */
const PUSH = `refs/heads/rgov-self-test ${SOME_COMMIT} refs/heads/rgov-self-test ${NO_COMMIT}\n`;
const REMOTE = ['rgov-self-test', 'file:///rgov-self-test'];

/** The hook that git asks before it pushes: any exit code but 0 stops the push. */
export const gitPrePush: Shell = {
  name: 'git-pre-push',
  install: 'docs/gates.md, "A git hook"',
  async find(surroundings) {
    const file = await hookFile(surroundings);
    const text = file === null ? null : readTextOrNull(file);
    return file === null || text === null || !/\brgov\b/.test(text) ? [] : [installed(file, surroundings)];
  },
};

function installed(file: string, { repository, env }: Surroundings): Installed {
  return {
    where: file,
    ...(isExecutable(file) ? {} : { flaw: { why: 'git passes over it, as it is not executable', mend: `chmod +x ${file}` } }),
    async run(more) {
      const end = await runChild([file, ...REMOTE], { cwd: repository ?? '/', env: { ...env, ...more }, limit_ms: LIMIT_MS }, PUSH);
      return { end, holdsBack: exitCodeOf(end) !== 0 };
    },
  };
}

/** Where git looks for it, `core.hooksPath` included; null outside of a repository. */
async function hookFile({ repository, env }: Surroundings): Promise<string | null> {
  if (repository === null) return null;
  const asked = await runChild(['git', 'rev-parse', '--git-path', 'hooks/pre-push'], { cwd: repository, env, limit_ms: LIMIT_MS });
  return exitCodeOf(asked) === 0 ? resolve(repository, asked.output.toString().replace(/\n$/, '')) : null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
