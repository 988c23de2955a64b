import { lstatSync } from 'node:fs';
import { sha256 } from '../../model/hash.ts';
import { archiveName } from '../../store/archived-days.ts';
import { readRegular, realFileSystem } from '../../store/files.ts';
import { type Layout, MAX_ARTIFACT_BYTES } from '../../store/layout.ts';
import { dayOfPath } from './links.ts';
import { readWholeSeal } from './seal-file.ts';

/** Links to other days lead to few days at a time, most of them to the day before. */
const KEPT = 4;

/** What seals say of the artifacts of their days, the last few of them kept. */
export class SealLines {
  readonly #layout: Layout;
  readonly #kept = new Map<string, ReadonlyMap<string, string> | null>();

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** SHA-256 by path; null if there is no seal, or none that can be understood. */
  of(day: string): ReadonlyMap<string, string> | null {
    const known = this.#kept.get(day);
    if (known !== undefined) return known;
    const seal = readWholeSeal(this.#layout, day);
    const lines = typeof seal === 'string' ? null : new Map(seal.artifacts.map((line) => [line.path, line.sha256]));
    this.#kept.set(day, lines);
    for (const oldest of this.#kept.keys()) if (this.#kept.size > KEPT) this.#kept.delete(oldest);
    return lines;
  }
}

/**
 * What lies under a path of any day: the SHA-256 of the file; of one that is packed, what its seal says, which the archive is
 * compared with at its own day. Null if it is not there, undefined if nobody can say.
 */
export function hashesAnywhere(layout: Layout, lines: SealLines): (path: string) => string | null | undefined {
  return (path) => {
    try {
      const read = readRegular(realFileSystem, layout.at(path), MAX_ARTIFACT_BYTES);
      if (read.kind === 'bytes') return sha256(read.bytes);
      if (read.kind === 'bad') return undefined;
      const day = dayOfPath(path);
      if (!lstatSync(layout.at(archiveName(day)), { throwIfNoEntry: false })) return null;
      const sealed = lines.of(day);
      return sealed === null ? undefined : (sealed.get(path) ?? null);
    } catch {
      return undefined;
    }
  };
}
