import { type FileSystem, realFileSystem } from '../../src/store/files.ts';

/** Thrown by every call from the moment that the process is dead. */
export class Crash extends Error {}

const CHANGES = new Set(['openSync', 'writeSync', 'fsyncSync', 'linkSync', 'unlinkSync', 'mkdirSync', 'rmdirSync', 'renameSync']);

/** A disk that does `calls` changing calls and then dies, in the middle of whatever it was doing: nothing after that has any effect. */
export function crashingDisk(calls: number): FileSystem & { dead(): boolean } {
  let left = calls;
  let dead = false;
  const wrapped = Object.fromEntries(
    Object.entries(realFileSystem as unknown as Record<string, (...args: unknown[]) => unknown>).map(([name, call]) => [
      name,
      (...args: unknown[]) => {
        if (dead || (CHANGES.has(name) && left-- <= 0)) {
          dead = true;
          throw new Crash(`${name} after the crash`);
        }
        return call.apply(realFileSystem, args);
      },
    ]),
  );
  return { ...(wrapped as unknown as FileSystem), dead: () => dead };
}
