import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');
export const STARTS = readdirSync(join(root, 'starts')).sort();

const BLOCK = /<!-- first notice: (\S+) -->\s*```sh\n([\s\S]*?)```/g;

/** Commands that the README shows for each runtime, one a line. */
export function commandsInReadme(): Record<string, string[]> {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  return Object.fromEntries([...readme.matchAll(BLOCK)].map(([, runtime = '', block = '']) => [runtime, block.trimEnd().split('\n')]));
}
