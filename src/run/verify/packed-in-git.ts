import { createHash } from 'node:crypto';
import { type Archive, parseArchive, readArchive } from '../../store/archive.ts';
import { archiveName } from '../../store/archived-days.ts';
import type { Layout } from '../../store/layout.ts';
import type { ObjectReader } from '../git/trees.ts';

/** `events/2026-11-22/...`: a file that an archive may hold. */
const OF_A_DAY = /^(?:events|decisions|queue|handoffs|receipts)\/(\d{4}-\d{2}-\d{2})\/[^/]+$/;
/** Archives whose contents are kept hashed: a commit removes what one archive holds, or a few. */
const KEPT = 4;

/** The id of a blob with these bytes, in repositories with SHA-1 or SHA-256, told apart by the length of `like`. */
export function blobId(bytes: Uint8Array, like: string): string {
  return createHash(like.length === 64 ? 'sha256' : 'sha1')
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest('hex');
}

/** Says of artifacts that were removed whether they live on, byte for byte, in the archive of their day. */
export class PackedInGit {
  readonly #layout: Layout;
  readonly #objects: ObjectReader;
  readonly #prefix: string;
  /** Ids of blobs by path, of archives by what they were read from; null for those that are no archives. */
  readonly #contents = new Map<string, Map<string, string> | null>();

  constructor(layout: Layout, objects: ObjectReader, prefix: string) {
    this.#layout = layout;
    this.#objects = objects;
    this.#prefix = prefix;
  }

  /** Whether the archive of the file's day, as this commit has it, holds this blob under this path below `state/`. */
  async holds(commit: string, path: string, oid: string): Promise<boolean> {
    const day = OF_A_DAY.exec(path)?.[1];
    if (day === undefined) return false;
    const name = `${commit}:${this.#prefix}${archiveName(day)}`;
    if (/\n/.test(name)) return false;
    const contents = await this.#content(
      name,
      async () => {
        const archive = await this.#objects.read(name);
        const parsed = archive === null ? null : parseArchive(archive.bytes, day);
        return parsed?.kind === 'ok' ? parsed.files : null;
      },
      oid,
    );
    return contents?.get(path) === oid;
  }

  /** The same of the archive that lies in the work tree. */
  async holdsOnDisk(path: string, oid: string): Promise<boolean> {
    const day = OF_A_DAY.exec(path)?.[1];
    if (day === undefined) return false;
    const contents = await this.#content(
      `disk ${day}`,
      async () => {
        const read = readArchive(this.#layout, day);
        return read.kind === 'ok' ? read.files : null;
      },
      oid,
    );
    return contents?.get(path) === oid;
  }

  async #content(key: string, read: () => Promise<Archive | null>, like: string): Promise<Map<string, string> | null> {
    const known = this.#contents.get(key);
    if (known !== undefined) return known;
    const files = await read();
    const ids = files && new Map([...files].map(([path, bytes]) => [path, blobId(bytes, like)]));
    this.#contents.set(key, ids);
    for (const other of this.#contents.keys()) if (this.#contents.size > KEPT) this.#contents.delete(other);
    return ids;
  }
}
