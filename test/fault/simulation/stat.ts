import type { Inode } from './inode.ts';

const MODE_TYPE = { file: 0o100000, folder: 0o040000, link: 0o120000 };

export interface StatOptions {
  bigint?: boolean;
  throwIfNoEntry?: boolean;
}

/** Only what the program asks of it, as cheaply as that can be: it is asked very often. */
export class Stat {
  readonly #kind: Inode['kind'];
  readonly ino: number;
  readonly nlink: number;
  readonly dev = 1;
  readonly uid = 1000;
  readonly size: number;
  readonly mode: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;

  constructor({ ino, kind, mode, mtime_ms, ctime_ms, bytes, nlink }: Inode) {
    this.#kind = kind;
    this.ino = ino;
    this.nlink = nlink;
    this.size = bytes.length;
    this.mode = mode | MODE_TYPE[kind];
    this.mtimeMs = mtime_ms;
    this.ctimeMs = ctime_ms;
  }

  isFile(): boolean {
    return this.#kind === 'file';
  }

  isDirectory(): boolean {
    return this.#kind === 'folder';
  }

  isSymbolicLink(): boolean {
    return this.#kind === 'link';
  }

  isFIFO(): boolean {
    return false;
  }
}

export function statOf(inode: Inode, isBig: boolean): unknown {
  const stat = new Stat(inode);
  if (!isBig) return stat;
  const nanoseconds = (ms: number): bigint => BigInt(Math.round(ms)) * 1_000_000n;
  return {
    isFile: () => stat.isFile(),
    isDirectory: () => stat.isDirectory(),
    isSymbolicLink: () => stat.isSymbolicLink(),
    ino: BigInt(stat.ino),
    dev: 1n,
    size: BigInt(stat.size),
    mtimeNs: nanoseconds(stat.mtimeMs),
    ctimeNs: nanoseconds(stat.ctimeMs),
    mtimeMs: BigInt(Math.round(stat.mtimeMs)),
    ctimeMs: BigInt(Math.round(stat.ctimeMs)),
  };
}
