import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../../src/model/hash.ts';

/** The text without times, numbers of processes, nonces and hashes. Numbers of one digit stay: attempts and revisions have such. */
export const normal = (text: string): string => text.replace(/[0-9a-f]{8,}|\d{2,}/g, '#');

/** Of all files below a folder: what they are called and what they hold, so far as it does not differ from run to run. */
export function fingerprint(folder: string): string {
  const lines = filesBelow(folder).map((path) => normal(`${path} ${contentOf(join(folder, path))}`));
  return sha256(lines.sort().join('\n'));
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return readlinkSync(path);
  }
}

/** Files, links and whatever else, below a folder, hidden ones too; none if there is no folder. */
export function filesBelow(folder: string, prefix = ''): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(folder, path) : [path];
  });
}
