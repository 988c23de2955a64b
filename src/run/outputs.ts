import { lstatSync } from 'node:fs';
import { relative } from 'node:path';
import type { SeenOutput } from '../plan/watchdog/outputs.ts';

/** More files than this fit no pattern that declares one output. */
const MAX_FILES = 10_000;

/** Regular files that fit a glob, relative to the workspace unless it is absolute. Links are not followed. */
export async function lookForOutputs(workspace: string, pattern: string): Promise<SeenOutput[]> {
  const { default: fastGlob } = await import('fast-glob');
  const paths: string[] = [];
  const stream = fastGlob.globStream(pattern, { cwd: workspace, absolute: true, dot: true, followSymbolicLinks: false, suppressErrors: true });
  for await (const path of stream) if (paths.push(String(path)) >= MAX_FILES) break;
  return paths.flatMap((path) => {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile()) return [];
    const inside = relative(workspace, path);
    return [{ path: inside.startsWith('..') ? path : inside, bytes: stat.size, changed_ms: stat.mtimeMs }];
  });
}
