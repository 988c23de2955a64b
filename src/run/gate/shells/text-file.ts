import { readFileSync, statSync } from 'node:fs';

/** Larger than any settings file, hook or workflow. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Null if there is no such file, or none that can be read. */
export function readTextOrNull(file: string): string | null {
  try {
    const stat = statSync(file);
    return stat.isFile() && stat.size <= MAX_BYTES ? readFileSync(file, 'utf8') : null;
  } catch {
    return null;
  }
}
