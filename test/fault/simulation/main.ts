import { type Run, Simulator } from './simulator.ts';

/** Of many schedules: how often what happened, and those in which something was wrong. */
export interface Summary {
  schedules: number;
  totals: Record<string, number>;
  failed: { seed: number; offences: string[] }[];
}

/** Unhandled rejections of a schedule, but for those of processes that are dead. */
const rejections: string[] = [];

function isDeath(reason: unknown): boolean {
  for (let error = reason as { isDeath?: boolean; cause?: unknown } | undefined; error; error = error.cause as typeof error)
    if (error.isDeath) return true;
  return false;
}

interface Options {
  /** The bundled program. */
  program: string;
  /** The first seed; each next schedule has the next one. */
  from: number;
  count: number;
  /** Ends as soon as so many schedules have failed. */
  most: number;
  /** The disk keeps names in no order, and processes die and the power fails again and again. */
  isHarsh: boolean;
  log: ((line: string) => void) | null;
}

export async function simulate({ program, from, count, most, isHarsh, log }: Options): Promise<Summary> {
  process.on('unhandledRejection', (reason) => {
    if (!isDeath(reason)) rejections.push(String((reason as Error | undefined)?.stack ?? reason));
  });
  const simulator = new Simulator(program, log !== null);
  const summary: Summary = { schedules: 0, totals: { processes: 0, deliveries: 0, repetitions: 0 }, failed: [] };
  for (let seed = from; seed < from + count && summary.failed.length < most; seed++) {
    const run = simulator.run(seed, { log, isHarsh });
    // Here the engine tells of promises that nobody has listened to.
    await new Promise((resolve) => setImmediate(resolve));
    add(summary, run, rejections.splice(0));
  }
  return summary;
}

function add(summary: Summary, { seed, offences, counts, processes, deliveries, repetitions }: Run, unheard: readonly string[]): void {
  summary.schedules++;
  for (const [name, value] of Object.entries({ ...counts, processes, deliveries, repetitions }))
    summary.totals[name] = (summary.totals[name] ?? 0) + value;
  const all = [...offences, ...unheard.map((text) => `unheard: ${text}`)];
  if (all.length > 0) summary.failed.push({ seed, offences: all });
}
