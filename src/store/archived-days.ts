import { listFolder } from './folder.ts';
import type { Layout } from './layout.ts';

const ARCHIVE_FILE = /^(\d{4}-\d{2}-\d{2})\.tar\.gz$/;

/** Below `state/`. */
export const archiveName = (day: string): string => `archives/${day}.tar.gz`;

/** Days that are packed, sorted. */
export function listArchives(layout: Layout): string[] {
  return listFolder(layout.archives)
    .flatMap((file) => ARCHIVE_FILE.exec(file)?.[1] ?? [])
    .sort();
}
