import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { STAGES } from '../../src/model/artifacts.ts';
import { sha256 } from '../../src/model/hash.ts';
import { formatTime } from '../../src/model/time.ts';
import { loadConditions } from '../../src/run/conditions.ts';
import { rememberSealedDays } from '../../src/run/sealed-memory.ts';
import { openWorkspace } from '../../src/run/workspace.ts';
import { packArchive } from '../../src/store/archive/pack.ts';
import { Layout } from '../../src/store/layout.ts';
import { formatSeal, type SealLine, sealName } from '../../src/store/seals.ts';
import { initWorkspace } from '../rgov-command.ts';
import { type ChainOfDay, chainOf, ENDINGS, type Ending, type Maker } from './chain.ts';

const DAY_MS = 86_400_000;
/** Nobody listens there: what is left to be sent would stay so. */
const PORT = 9;

export interface YearOptions {
  /** The built program. */
  program: string;
  days: number;
  perDay: number;
  /** Of the last days, how many are not packed into archives. */
  looseDays: number;
  onDay?: ((done: number, total: number) => void) | undefined;
}

export interface Year {
  workspace: string;
  artifacts: number;
  notices: number;
  /** First and last day, both included. */
  from: string;
  to: string;
  /** A notice in the middle of the year, on an archived day. */
  archivedNotice: string;
}

/**
 * A workspace with a year of work behind it, up to yesterday: every file as the program writes it, made by its own rooms, without
 * the syncs. Days that are over for more than a day are sealed and taken in as a pass does it, and all but the last ones packed away.
 */
export async function makeYear(workspace: string, { program, days, perDay, looseDays, onDay }: YearOptions): Promise<Year> {
  mkdirSync(workspace, { recursive: true });
  initWorkspace(program, workspace, PORT, '24h');
  const { catalog, layout: place } = await openWorkspace({ workspace });
  // Every file lies loose until its day is packed: two million of them come and go, which a disk takes an hour for.
  const aside = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'rgov-year-'));
  const layout = new Layout(join(aside, 'state'));
  const maker: Maker = { catalog, conditions: await loadConditions(true) };
  const put = (path: string, bytes: Uint8Array | string): void => {
    const file = join(layout.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes, { mode: 0o600 });
  };
  const today_ms = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const year: Year = { workspace, artifacts: 0, notices: 0, from: '', to: '', archivedNotice: '' };
  const later: { due_ms: number; tell: NonNullable<ChainOfDay['later']> }[] = [];
  let previous: SealLine | null = null;
  let packed: SealLine[] = [];
  for (let n = days; n >= 1; n--) {
    const day_ms = today_ms - n * DAY_MS;
    const day = formatTime(day_ms).slice(0, 10);
    const files = new Map<string, Uint8Array>();
    for (let i = 0; i < perDay; i++) {
      const chain = chainOf(failedRun(day_ms, i, perDay), endingOf(i, n), maker);
      for (const { link, bytes } of chain.items) files.set(link.path, Buffer.from(bytes));
      if (chain.later) later.push({ due_ms: day_ms + 3 * DAY_MS + 9 * 3_600_000 + i * 1_000, tell: chain.later });
      const notice = chain.items.find(({ kind }) => kind === 'notice');
      if (n === days >> 1 && i === perDay >> 1 && notice) year.archivedNotice = notice.file.slice(0, -'.json'.length);
    }
    while ((later[0]?.due_ms ?? Number.POSITIVE_INFINITY) < day_ms + DAY_MS) {
      const due = later.shift();
      for (const { link, bytes } of due?.tell(due.due_ms) ?? []) files.set(link.path, Buffer.from(bytes));
    }
    const entries = [...files].map(([path, bytes]) => ({ path, bytes })).sort((a, b) => (a.path < b.path ? -1 : 1));
    for (const { path, bytes } of entries) put(path, bytes);
    // The day before today is not over for a day yet.
    if (n >= 2) {
      const artifacts = entries.map(({ path, bytes }) => ({ sha256: sha256(bytes), path }));
      const seal = formatSeal({ previous, archives: packed, artifacts });
      put(sealName(day), seal);
      previous = { sha256: sha256(Buffer.from(seal)), path: sealName(day) };
      packed = [];
      rememberSealedDays(layout);
    }
    if (n > Math.max(looseDays, 1)) {
      for (const stage of STAGES) rmSync(layout.day(stage, day), { recursive: true, force: true });
      const archive = await packArchive(day, entries);
      const path = `archives/${day}.tar.gz`;
      put(path, archive);
      packed = [{ sha256: sha256(archive), path }];
    }
    year.artifacts += entries.length;
    year.notices += perDay;
    if (year.from === '') year.from = day;
    year.to = day;
    onDay?.(days - n + 1, days);
  }
  cpSync(layout.root, place.root, { recursive: true });
  rmSync(aside, { recursive: true, force: true });
  return year;
}

/** Spread over a day, but for its last half hour: what is told of a notice some minutes later belongs to the same day. */
function failedRun(day_ms: number, i: number, perDay: number) {
  return {
    source: 'cron',
    id: `run-${day_ms}-${i}`,
    type: 'run.failed',
    subject: `job/nightly-${i}`,
    time: formatTime(day_ms + Math.floor((i * (DAY_MS - 1_800_000)) / perDay)),
    provenance: 'observed' as const,
    data: { summary: `exit code ${(i % 7) + 1} after 12m: no space left on device`, exitCode: (i % 7) + 1, durationMs: 720_000 + i },
  };
}

/** The mixture of {@link ENDINGS}, another one each day, the same in every run. */
function endingOf(i: number, n: number): Ending {
  let place = (i * 617 + n * 71) % 1_000;
  for (const { ending, share } of ENDINGS) {
    if (place < share) return ending;
    place -= share;
  }
  return 'acked';
}
