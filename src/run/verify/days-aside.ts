import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { STAGES } from '../../model/artifacts.ts';
import { listFolder } from '../../store/folder.ts';
import { packageRoot } from '../locate.ts';
import type { DayVerdict, Surroundings } from './day.ts';

/** What the thread is told: see `day-thread.ts`. */
export interface DaysAsideTask {
  root: string;
  inventory: Surroundings['inventory'];
  deep: boolean;
  days: readonly string[];
  /** One number: how many of the days somebody has taken. */
  taken: SharedArrayBuffer;
}

/** Fewer files are read sooner than a thread is started. */
const FEW = 2_000;
/** A packed day counts as so many: its archive says how many only when it is read. */
const IN_AN_ARCHIVE = 1_000;
/** Most of the memory of this thread is facts that live as long as their day. */
const YOUNG_MIB = 64;

interface DaysAsideOptions {
  /** The bundled `day-thread.ts`; where there is none, this thread takes all days. */
  program?: string;
  few?: number;
}

/**
 * Days that have to be read file by file, shared by two threads: whoever is free takes the next one. The other thread begins at once; what it reads it can judge
 * when it is told of the seals ({@link tell}).
 */
export class DaysAside {
  readonly days: readonly string[];
  readonly #taken = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly #verdicts = new Map<string, DayVerdict>();
  readonly #worker: Worker | null;
  readonly #end: Promise<void>;

  constructor(around: Omit<Surroundings, 'chain' | 'onRead' | 'lines'>, days: readonly string[], options: DaysAsideOptions = {}) {
    const { program = join(packageRoot(), 'dist/verify-days.cjs'), few = FEW } = options;
    this.days = days;
    const isWorthIt = filesOf(around, days.slice(1), few) >= few && existsSync(program);
    const task = (): DaysAsideTask => {
      const { layout, inventory, deep } = around;
      return { root: layout.root, inventory, deep, days, taken: this.#taken };
    };
    const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MIB };
    const worker = isWorthIt ? new Worker(program, { workerData: task(), stdin: false, resourceLimits }) : null;
    this.#worker = worker;
    worker?.on('message', ({ day, verdict }: { day: string; verdict: DayVerdict }) => this.#verdicts.set(day, verdict));
    // What it has not told is taken up again by this one.
    this.#end = worker ? new Promise((resolve) => worker.on('error', () => resolve()).on('exit', () => resolve())) : Promise.resolve();
  }

  /** Once, before {@link own}. */
  tell(chain: Surroundings['chain']): void {
    this.#worker?.postMessage(chain);
  }

  /** The days that this thread has to look at, one after another; once the other thread has come to its end, also those that it left. */
  async *own(): AsyncGenerator<string> {
    const next = (): string | undefined => this.days[Atomics.add(new Int32Array(this.#taken), 0, 1)];
    const mine = new Set<string>();
    for (let day = next(); day !== undefined; day = next()) {
      mine.add(day);
      yield day;
    }
    await this.#end;
    for (const day of this.days) if (!mine.has(day) && !this.#verdicts.has(day)) yield day;
  }

  /** What the other thread has found; whole only when {@link own} has come to its end. */
  get others(): ReadonlyMap<string, DayVerdict> {
    return this.#verdicts;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
}

function filesOf({ layout, inventory }: Pick<Surroundings, 'layout' | 'inventory'>, days: readonly string[], enough: number): number {
  let files = 0;
  for (const day of days) {
    if (files >= enough) return files;
    if (inventory.loose.has(day)) files += STAGES.reduce((sum, stage) => sum + countNames(layout.day(stage, day)), 0);
    else files += IN_AN_ARCHIVE;
  }
  return files;
}

function countNames(folder: string): number {
  try {
    return listFolder(folder).length;
  } catch {
    return 0;
  }
}
