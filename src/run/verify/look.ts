import { archiveName } from '../../store/archived-days.ts';
import type { Layout } from '../../store/layout.ts';
import { type DayVerdict, located, verifyDay } from './day.ts';
import { DaysAside } from './days-aside.ts';
import type { Finding } from './finding.ts';
import { HashesAside } from './hash-aside.ts';
import { countFiles, type Inventory, takeInventory } from './inventory.ts';
import { readSealChain, type SealChain } from './seal-chain.ts';
import { SealLines } from './seal-lines.ts';

export interface LookOptions {
  /** Only this UTC day. */
  day?: string | undefined;
  /** Only this UTC day and those after it. */
  since?: string | undefined;
  /** Every artifact of every archive, and every signature. */
  deep?: boolean | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What was found below `state/`, but for signatures and history. */
export interface Look {
  chain: SealChain;
  inventory: Inventory;
  /** The days that were looked at, sorted. */
  days: string[];
  read: number;
  vouched: number;
  opened: number;
  /** With the day that each belongs to; empty for what belongs to none. */
  findings: { day: string; finding: Finding }[];
  /** Findings beyond those that are kept. */
  dropped: number;
}

/** More than anybody reads; a state that was lost altogether must not fill the memory. */
export const MAX_FINDINGS = 10_000;

/** One look at everything, or at these days of it. */
export async function look(layout: Layout, options: LookOptions, only?: ReadonlySet<string>): Promise<Look> {
  const inventory = takeInventory(layout);
  const { deep = false } = options;
  const wanted = (days: Iterable<string>): string[] => [...new Set(days)].filter((day) => isWanted(day, options, only)).sort();
  const archived = wanted(inventory.archived);
  const loose = wanted(inventory.loose).filter((day) => !inventory.archived.has(day));
  // Both begin before the seals are read, which takes a good part of the time.
  const hashes = new HashesAside(archived.map((day) => layout.at(archiveName(day))));
  const lines = new SealLines(layout);
  const shared = new DaysAside({ layout, inventory, deep }, deep ? [...loose, ...archived].sort() : loose);
  try {
    const chain = readSealChain(layout);
    shared.tell(chain);
    const days = wanted([...loose, ...archived, ...chain.days, ...chain.archives.keys()]);
    const result = new Findings(layout, chain, inventory, days);
    const { onRead, onDay } = progressOf(layout, days, inventory, options);
    const around = { layout, chain, inventory, lines, deep, onRead };
    const verify = async (day: string): Promise<void> => {
      result.take(day, verifyDay(around, day, await hashes.of(layout.at(archiveName(day)))));
      onDay(day);
    };
    for await (const day of shared.own()) {
      await verify(day);
      await heard();
    }
    for (const [day, verdict] of shared.others) {
      result.take(day, verdict);
      onDay(day);
    }
    // What the hashes of archives vouch for comes last, with what only the seals know of: they are made while the files of other days are read.
    for (const [i, day] of days.filter((other) => !shared.days.includes(other)).entries()) {
      await verify(day);
      if (i % 16 === 15) await heard();
    }
    return result.look;
  } finally {
    await Promise.all([shared.close(), hashes.close()]);
  }
}

const isWanted = (day: string, { day: one, since }: LookOptions, only: ReadonlySet<string> | undefined): boolean =>
  (one === undefined || day === one) && (since === undefined || day >= since) && (only === undefined || only.has(day));

/** A progress bar wants to be drawn, and Ctrl-C to be heard. */
const heard = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What comes together, one day after another. */
class Findings {
  readonly look: Look;

  constructor(layout: Layout, chain: SealChain, inventory: Inventory, days: string[]) {
    this.look = { chain, inventory, days, read: 0, vouched: 0, opened: 0, findings: [], dropped: 0 };
    this.#add('', located(layout, [...inventory.findings, ...chain.findings]));
  }

  take(day: string, { findings, read, opened }: DayVerdict): void {
    this.#add(day, findings);
    this.look.read += read;
    if (opened) this.look.opened++;
    else if (this.look.inventory.archived.has(day)) this.look.vouched += this.look.chain.counts.get(day) ?? 0;
  }

  #add(day: string, findings: readonly Finding[]): void {
    const room = Math.max(0, MAX_FINDINGS - this.look.findings.length);
    this.look.findings.push(...findings.slice(0, room).map((finding) => ({ day, finding })));
    this.look.dropped += Math.max(0, findings.length - room);
  }
}

/** Counted in files; a day that is vouched for counts as one. */
function progressOf(
  layout: Layout,
  days: readonly string[],
  { loose }: Inventory,
  { onProgress }: LookOptions,
): { onRead: () => void; onDay: (day: string) => void } {
  if (!onProgress) return { onRead: () => {}, onDay: () => {} };
  let done = 0;
  let end = 0;
  let over = 0;
  const sizes = new Map(days.map((day) => [day, 1 + (loose.has(day) ? countFiles(layout, day) : 0)]));
  for (const size of sizes.values()) end += size;
  return {
    onRead() {
      done++;
      if (done % 256 === 0) onProgress(Math.min(done, end), end);
    },
    onDay(day) {
      over += sizes.get(day) ?? 0;
      done = over;
      onProgress(done, end);
    },
  };
}
