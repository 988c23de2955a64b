import { join } from 'node:path';
import type { Layout } from '../../store/layout.ts';
import { runChild } from '../child.ts';
import { type CheckResult, type Finding, fine, resultOf, skipped } from './check.ts';

const LIMIT_MS = 10_000;
/** What a rule for all artifacts would have to let through. */
const ARTIFACT = 'events/2026-01-01/artifact.json';
/** The machine's own: rewritten all the time, and of no use to anybody else. */
const OWN = ['.tmp/x', '.cache/x', '.owners/x', '.pass.json', '.bell'];

/** Whether git takes the artifacts of a `state/` that lies in a work tree, and leaves the machine's own files alone. */
export async function checkIgnored({ root }: Layout, workspace: string): Promise<CheckResult> {
  const ask = async (path: string) =>
    runChild(['git', 'check-ignore', '-v', '--no-index', '--', path], { cwd: workspace, env: environment(), limit_ms: LIMIT_MS });
  const artifact = await ask(join(root, ARTIFACT));
  if (artifact.how === 'not_started') return skipped('git', 'git is not installed');
  if (artifact.how !== 'exited') return skipped('git', 'git did not answer');
  if (artifact.status === 128) return fine('git', 'state does not lie in a work tree of git');
  const found: Omit<Finding, 'check'>[] = [];
  if (artifact.status === 0) {
    const rule = artifact.output.toString('utf8').split('\t')[0]?.trim();
    found.push({
      problem: `git ignores the artifacts in ${root} (${rule}): a commit of the trail would hold nothing`,
      mend: 'take that rule out of .gitignore; rgov init writes one that leaves out only the files of the machine itself',
    });
  }
  const missed: string[] = [];
  for (const name of OWN) {
    const own = await ask(join(root, name));
    if (own.how === 'exited' && own.status === 1) missed.push(name.replace(/\/x$/, '/'));
  }
  if (missed.length > 0)
    found.push({
      problem: `git would commit files that are the machine's own: ${missed.join(' ')}`,
      mend: `add to .gitignore: ${missed.map((name) => `state/${name}`).join(' ')}`,
    });
  return resultOf('git', 'artifacts are taken, the files of the machine itself are left alone', found);
}

/** What git needs to find its settings, and nothing that would lead it to another repository. */
function environment(): Record<string, string> {
  const { PATH = '', HOME } = process.env;
  return { PATH, ...(HOME === undefined ? {} : { HOME }), LC_ALL: 'C' };
}
