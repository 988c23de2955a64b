import { dirname } from 'node:path';
import type { Call } from './shim.ts';

/** What a power cut could take back: a name whose folder was not synced, or whose bytes were not. */
interface Entry {
  /** The name is in a folder that was synced since. */
  named: boolean;
  /** Every byte was written and synced before the name appeared, as far as anybody knows. */
  whole: boolean;
}

interface Bytes {
  synced: boolean;
  /** A sync failed: a second one may report success with the data gone. */
  lost: boolean;
}

/**
 * Reads the calls of processes, one after the other, as a disk without power would judge them: what has a durable name and
 * durable bytes at each moment. Whatever was there before the first call counts as durable.
 */
export class DurableNames {
  readonly #bytes = new Map<string, Bytes>();
  readonly #entries = new Map<string, Entry>();

  /** Takes in the calls of one process. `onCall` is asked what it thinks of each call, right before it counts. */
  follow(calls: readonly Call[], onCall: (call: Call) => void = () => {}): void {
    for (const call of calls) {
      onCall(call);
      this.#take(call);
    }
  }

  /** Whether a power cut now would leave this name, and all of its bytes; a name that no call made was there before. */
  has(path: string): boolean {
    const entry = this.#entries.get(path);
    if (entry && !(entry.named && entry.whole)) return false;
    const folder = dirname(path);
    return folder === path || folder === '.' ? this.#isNamed('.') : this.has(folder);
  }

  /** Names that were made by these calls and would not outlive a power cut now. */
  fleeting(isMeant: (path: string) => boolean): string[] {
    return [...this.#entries.keys()].filter((path) => isMeant(path) && !this.has(path));
  }

  /** Names that were made by these calls. */
  made(isMeant: (path: string) => boolean): string[] {
    return [...this.#entries.keys()].filter(isMeant);
  }

  #isNamed(path: string): boolean {
    return this.#entries.get(path)?.named ?? true;
  }

  #take(call: Call): void {
    const { name, path, other, result } = call;
    // It stands in the log, and was never made.
    if (call.done === 'killed before') return;
    const isDone = result >= 0 || call.done === 'done, said to have failed';
    if (name === 'create' && isDone) {
      this.#bytes.set(path, { synced: true, lost: false });
      this.#entries.set(path, { named: false, whole: false });
    } else if (name === 'write' && isDone) this.#bytesOf(path).synced = false;
    else if (name === 'fsync') this.#sync(path, result >= 0);
    else if (name === 'link' && (isDone || call.errno === EEXIST)) this.#name(other, isDone ? this.#isWhole(path) : true);
    else if (name === 'rename' && isDone) this.#rename(path, other);
    else if (name === 'unlink' && isDone) this.#entries.delete(path);
    // The folder above the folder of the test is not looked at.
    else if (name === 'mkdir' && isDone && path !== '.') this.#name(path, true);
  }

  #bytesOf(path: string): Bytes {
    const known = this.#bytes.get(path) ?? { synced: true, lost: false };
    this.#bytes.set(path, known);
    return known;
  }

  #isWhole(path: string): boolean {
    const { synced, lost } = this.#bytesOf(path);
    return synced && !lost;
  }

  /** A name that is there already may have been made by a process that died before it was durable: it counts from the next sync on. */
  #name(path: string, whole: boolean): void {
    const known = this.#entries.get(path);
    if (known?.named && known.whole) return;
    this.#entries.set(path, { named: false, whole: known?.whole ?? whole });
  }

  #rename(from: string, to: string): void {
    this.#entries.delete(from);
    this.#entries.set(to, { named: false, whole: this.#isWhole(from) });
  }

  #sync(path: string, succeeded: boolean): void {
    const bytes = this.#bytes.get(path);
    if (bytes) {
      bytes.synced = succeeded;
      bytes.lost ||= !succeeded;
      return;
    }
    for (const [name, entry] of this.#entries) if (succeeded && dirname(name) === path) entry.named = true;
  }
}

const EEXIST = 17;
