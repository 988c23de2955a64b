import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf } from '../chaos/state-files.ts';
import type { Wrong } from '../owners/scene.ts';

const SEAL = /^seals\/\d{4}-\d{2}-\d{2}\.sha256$/;

/** Paths of all seals below `state/`, in the order of their days. */
export const sealsIn = (state: string): string[] =>
  filesOf(state, 'seals')
    .filter((path) => SEAL.test(path))
    .sort();

/** What is wrong with the seals of a state, by nothing but coreutils and their own lines: each names the one before it first. */
export function checkSeals(state: string): Wrong {
  const wrong: Wrong = [];
  let previous = '';
  for (const seal of sealsIn(state)) {
    const { status, stdout, stderr } = spawnSync('sha256sum', ['-c', '--quiet', seal], { cwd: state, encoding: 'utf8' });
    if (status !== 0) wrong.push(`sha256sum -c ${seal}: ${stdout}${stderr}`);
    const first = readFileSync(join(state, seal), 'utf8').split('\n')[0] ?? '';
    if (previous !== '' && !first.endsWith(`  ${previous}`)) wrong.push(`${seal} does not begin with ${previous} but with ${first}`);
    previous = seal;
  }
  return wrong;
}
