import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { RgovError } from '../model/errors.ts';
import { didYouMean, oneLine, truncate } from '../model/text.ts';
import { packageRoot } from './locate.ts';

/** What a workspace for one runtime begins with: a folder of `starts/` in this package. */
export interface Start {
  runtime: string;
  /** Text of its RuntimeBinding. */
  binding: string;
  /** The profile that it puts in force, and the packs of that profile. */
  profile: string;
  packs: string[];
  /** Commands that lead to a first notice, in a workspace that is new. */
  next: string[];
}

/** Names of the runtimes that a workspace can start from. */
function startNames(): string[] {
  return readdirSync(join(packageRoot(), 'starts')).sort();
}

/** Throws `usage`, with all names, where there is no such start. */
export function startFor(name: string): Start {
  const names = startNames();
  if (!names.includes(name)) {
    const near = didYouMean(name, names);
    throw new RgovError(
      'usage',
      name === '' ? '--runtime has no name' : `there is no start for the runtime ${JSON.stringify(truncate(oneLine(name), 60))}`,
      {
        expected: names.join(', '),
        hint: near === null ? 'rgov init --runtime NAME   (what each can do: rgov catalog runtimes)' : `did you mean: rgov init --runtime ${near}`,
      },
    );
  }
  const read = (path: string): string => readFileSync(join(packageRoot(), path), 'utf8');
  const binding = read(`starts/${name}/binding.yaml`);
  const { profile } = (parse(binding) as { spec: { profile: string } }).spec;
  const { policy } = (parse(read(`profiles/${profile}.yaml`)) as { spec: { policy: string[] } }).spec;
  const packs = policy.filter((pack) => existsSync(join(packageRoot(), `policy/${pack}.yaml`)));
  return { runtime: name, binding, profile, packs, next: read(`starts/${name}/next.txt`).trimEnd().split('\n') };
}
