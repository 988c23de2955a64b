import { InvalidArgumentError } from 'commander';
import { parseDurationMs } from '../model/time.ts';
import type { Fact, WatchOptions } from '../run/watch.ts';
import { painter } from './terminal.ts';

export const DEFAULT_RESCAN_MS = 60_000;
const LEAST_RESCAN_MS = 1_000;
/** Lines that nobody takes are kept up to here; then they are left out and counted. What they say stands in `state/`. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** How long a slow reader may take for the last lines. */
const FLUSH_LIMIT_MS = 1_000;

/** Stays until a signal ends it, and prints one line for each fact. Ends the process. */
export async function watchAndPrint({ json, ...options }: Omit<WatchOptions, 'tell'> & { json?: boolean }): Promise<void> {
  (await import('../run/watch/memory.ts')).stayYoung();
  const [{ watch }, { factJson, factText }] = await Promise.all([import('../run/watch.ts'), import('./views/fact.ts')]);
  const paint = painter(process.stdout);
  const lines = new Lines((fact) => (json ? factJson(fact, Date.now()) : factText(fact, Date.now(), paint)));
  await watch({ ...options, tell: (fact) => lines.add(fact) });
  await lines.flushed();
  // Output that could not be written, or that nobody reads, does not make a watch fail that was asked to end.
  process.exit(0);
}

export function parseRescan(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === null || ms < LEAST_RESCAN_MS) throw new InvalidArgumentError('expected a duration of at least 1s, such as 90s or 5m.');
  return ms;
}

/** Standard output of a process that must neither die of its reader nor wait for it. */
class Lines {
  readonly #lineOf: (fact: Fact) => string;
  #lost = 0;

  constructor(lineOf: (fact: Fact) => string) {
    this.#lineOf = lineOf;
  }

  add(fact: Fact): void {
    if (process.stdout.writableLength > MAX_WAITING_BYTES) {
      this.#lost++;
      return;
    }
    if (this.#lost > 0) process.stdout.write(`${this.#lineOf({ fact: 'output_lost', lines: this.#lost })}\n`);
    this.#lost = 0;
    process.stdout.write(`${this.#lineOf(fact)}\n`);
  }

  /** Everything is out, or has had its time. */
  flushed(): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, FLUSH_LIMIT_MS).unref();
      process.stdout.write('', () => resolve());
    });
  }
}
