import { closeSync, constants, linkSync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Publication } from '../src/model/publication.ts';

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/**
 * The same files, each made, written and linked to its name, and nothing of it synced: what one file for each fact costs any program
 * that makes them in one process, before it is durable.
 */
export function makeUnsynced(folder: string, files: readonly Publication[]): void {
  const temporary = join(folder, 'temporary');
  for (const path of new Set(files.map(({ link }) => dirname(join(folder, link.path))))) mkdirSync(path, { recursive: true });
  for (const { link, bytes } of files) {
    const descriptor = openSync(temporary, NEW_FILE, 0o600);
    writeSync(descriptor, bytes);
    closeSync(descriptor);
    linkSync(temporary, `${folder}/${link.path}`);
    unlinkSync(temporary);
  }
}
