import { type FileSystem, realFileSystem } from '../../src/store/files.ts';

/** `before`: nothing happened. `after`: it happened, and the answer is an error all the same. `short`: half of the bytes are written. */
export type Failure = 'before' | 'after' | 'short';

export interface FailingDisk extends FileSystem {
  /** The calls so far, by name. */
  calls: string[];
  /** The call that failed; undefined if there were fewer calls. */
  failed: string | undefined;
  /** Descriptors that are open. */
  openDescriptors: Set<number>;
  /** What must never happen: a second fsync of a descriptor whose first one failed. */
  repeatedSyncs: number;
}

type Call = (...args: unknown[]) => unknown;

/** A disk whose n-th call (from 0) fails with the given code, once. */
export function failingDisk(n: number, code: string, failure: Failure): FailingDisk {
  const state = { calls: [] as string[], failed: undefined as string | undefined, openDescriptors: new Set<number>(), repeatedSyncs: 0 };
  const unsynced = new Set<unknown>();
  const error = (name: string): Error => Object.assign(new Error(`${code}: injected, ${name}`), { code });

  const wrap =
    (name: string, call: Call): Call =>
    (...args) => {
      const fails = state.calls.length === n;
      state.calls.push(name);
      if (fails) state.failed = name;
      if (name === 'fsync') return syncLater(args as [number, (error: Error | null) => void], fails);
      if (name === 'fsyncSync') noteSync(args[0], fails);
      if (name === 'writeSync' && fails && failure === 'short')
        return call(args[0], args[1], args[2], Math.max(1, Math.floor((args[3] as number) / 2)));
      if (fails && failure !== 'after') throw error(name);
      const result = call(...args);
      if (name === 'openSync') state.openDescriptors.add(result as number);
      if (name === 'closeSync') state.openDescriptors.delete(args[0] as number);
      if (fails) {
        // A failed open gives no descriptor: what it did is undone, but for the file that it made.
        if (name === 'openSync') {
          realFileSystem.closeSync(result as number);
          state.openDescriptors.delete(result as number);
        }
        throw error(name);
      }
      return result;
    };

  function noteSync(descriptor: unknown, fails: boolean): void {
    if (unsynced.has(descriptor)) state.repeatedSyncs++;
    if (fails) unsynced.add(descriptor);
  }

  function syncLater([descriptor, done]: [number, (error: Error | null) => void], fails: boolean): void {
    noteSync(descriptor, fails);
    if (fails) setImmediate(() => done(error('fsync')));
    else realFileSystem.fsync(descriptor, done);
  }

  const functions = Object.entries(realFileSystem).filter((entry): entry is [string, Call] => typeof entry[1] === 'function');
  const wrapped = Object.fromEntries(functions.map(([name, call]) => [name, wrap(name, call)]));
  return Object.assign(state, wrapped as unknown as FileSystem);
}
