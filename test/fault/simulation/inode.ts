import type { Random } from './random.ts';

export type Kind = 'file' | 'folder' | 'link';

/** One file, folder or symbolic link, whatever names it has. */
export interface Inode {
  ino: number;
  kind: Kind;
  mode: number;
  mtime_ms: number;
  ctime_ms: number;
  nlink: number;
  /** What a reader gets. */
  bytes: Buffer;
  /** What is left of it after a power cut. */
  durableBytes: Buffer;
  /** A failed fsync has marked what was written as clean: no later fsync brings it to the disk (as on ext4, xfs and btrfs). */
  isLost: boolean;
  /** Target of a symbolic link. */
  target: string;
  /** Of a folder: what it holds now, and what it holds after a power cut. */
  entries: Map<string, Inode>;
  durableEntries: Map<string, Inode>;
  /** Of a folder: changes of names that are not durable yet, in their order. */
  pending: Op[];
  /** Artifacts lie here: they appear once, and never change. */
  isWriteOnce: boolean;
}

/** One change of names, of which a power cut keeps all or nothing. */
export interface Op {
  seq: number;
  changes: { folder: Inode; name: string; inode: Inode | null }[];
}

/** What begins with a dot is somebody's temporary file. */
export const isArtifact = (folder: Inode, name: string): boolean => folder.isWriteOnce && !name.startsWith('.');

export function setEntry(entries: Map<string, Inode>, { name, inode }: Op['changes'][number]): void {
  if (inode) entries.set(name, inode);
  else entries.delete(name);
}

/** Of bytes that were not synced: what was there before, all of it, its beginning, or its length with nothing in it. */
export function whatIsLeft({ bytes, durableBytes, isLost }: Inode, random: Random): Buffer {
  if (isLost) return durableBytes;
  switch (random.below(4)) {
    case 0:
      return durableBytes;
    case 1:
      return bytes;
    case 2:
      return bytes.subarray(0, random.below(bytes.length + 1));
    default:
      return Buffer.alloc(bytes.length);
  }
}
