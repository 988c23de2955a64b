import { RgovError } from '../model/errors.ts';
import { openArchive } from './archive.ts';
import { type FileSystem, type ReadResult, readRegular, realFileSystem } from './files.ts';
import { type Layout, MAX_ARTIFACT_BYTES } from './layout.ts';

/** An artifact's bytes by its path below `state/`, also if its day is packed away. */
export function readStateFile(layout: Layout, path: string, io: FileSystem = realFileSystem): ReadResult {
  const read = readRegular(io, layout.at(path), MAX_ARTIFACT_BYTES);
  if (read.kind !== 'missing') return read;
  try {
    const bytes = openArchive(layout, path.split('/')[1] ?? '')?.get(path);
    return bytes === undefined ? read : { kind: 'bytes', bytes };
  } catch (error) {
    // One damaged archive is like one damaged file: it never stops the rest.
    if (error instanceof RgovError && error.kind === 'negative') return { kind: 'bad', reason: 'not_a_regular_file', detail: error.message };
    throw error;
  }
}
