import { setTimeout as sleep } from 'node:timers/promises';
import { STAGES } from '../../model/artifacts.ts';
import { RgovError } from '../../model/errors.ts';
import { archiveName } from '../../store/archived-days.ts';
import { listFolder } from '../../store/folder.ts';
import type { Layout } from '../../store/layout.ts';
import { type DayVerdict, located, type Surroundings, verifyDay } from './day.ts';
import { DaysAside } from './days-aside.ts';
import type { Finding } from './finding.ts';
import { HashesAside } from './hash-aside.ts';
import { type Inventory, takeInventory } from './inventory.ts';
import { findPlace, type PlaceOptions } from './place.ts';
import { readSealChain, type SealChain } from './seal-chain.ts';
import { SealLines } from './seal-lines.ts';
import { type SignatureReport, verifySignatures } from './signatures-of-seals.ts';

export interface VerifyOptions extends PlaceOptions {
  /** Only this UTC day. */
  day?: string | undefined;
  /** Only this UTC day and those after it. */
  since?: string | undefined;
  /** Every artifact of every archive, and every signature. */
  deep?: boolean | undefined;
  /** Also the history in git: of a range of commits, or (`true`) all of it. */
  git?: string | true | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface VerifyReport {
  state: string;
  /** What is wrong with the declared documents, so that another catalog or none was used; null if nothing is. */
  documents: string | null;
  ok: boolean;
  findings: Finding[];
  /** Beyond those that are listed. */
  moreFindings: number;
  days: { verified: number; from: string | null; through: string | null };
  /** `read` one by one; `vouched` for by the hash of their archive. */
  artifacts: { read: number; vouched: number };
  /** The chain of seals is always verified from end to end. */
  seals: { count: number; from: string | null; through: string | null };
  archives: { count: number; opened: number };
  signatures: SignatureReport & { allowedSigners: string | null };
  git: { range: string | null; commits: number } | null;
  /** Files that could not be read and lie aside; they are no findings. */
  quarantined: number;
  /** What nobody could find out here: that the newest part of this was taken away. */
  undetectable: { what: string; notSealedFrom: string | null; artifacts: number };
}

/** More than anybody reads; a state that was lost altogether must not fill the memory. */
const MAX_FINDINGS = 10_000;
/** Others may be at work: between a decision and its notices, or between an archive and what it replaces, lies less than this. */
const SECOND_LOOK_AFTER_MS = 200;

/**
 * Whether everything below `state/` is as this program leaves it. Writes nothing. What is found is looked at a second time, so that
 * what others are just writing is no finding. Throws `not_found` without a state folder, `usage` for options that say nothing.
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const place = await findPlace(options);
  const { layout } = place;
  const first = await look(layout, options);
  if (options.day !== undefined && first.days.length === 0) {
    throw new RgovError('not_found', `${layout.root} holds nothing of ${options.day}`, { hint: `ls ${layout.stage('events')} ${layout.seals}` });
  }
  const signatures = await verifySignatures(layout, first.chain, place.allowedSigners, options.deep === true);
  const git = options.git === undefined ? null : await gitOf(layout, options.git);
  let { findings } = first;
  if (findings.length > 0) {
    await sleep(SECOND_LOOK_AFTER_MS);
    const days = new Set(findings.map(({ day }) => day));
    const second = await look(layout, { ...options, onProgress: undefined }, days);
    const still = new Set(second.findings.map(({ finding }) => keyOf(finding)));
    findings = findings.filter(({ finding }) => still.has(keyOf(finding)));
  }
  // A seal may be found wanting with the chain, and with its day.
  const all = [...located(layout, [...findings.map(({ finding }) => finding), ...signatures.findings]), ...(git?.findings ?? [])];
  const listed = all.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.reason < b.reason ? -1 : 1)).slice(0, MAX_FINDINGS);
  return {
    state: layout.root,
    documents: place.documents,
    ok: all.length + first.dropped === 0,
    findings: listed,
    moreFindings: all.length - listed.length + first.dropped,
    days: { verified: first.days.length, from: first.days[0] ?? null, through: first.days.at(-1) ?? null },
    artifacts: { read: first.read, vouched: first.vouched },
    seals: { count: first.chain.days.length, from: first.chain.days[0] ?? null, through: first.chain.days.at(-1) ?? null },
    archives: { count: first.inventory.archived.size, opened: first.opened },
    signatures: { ...signatures.report, allowedSigners: place.allowedSigners },
    git: git && { range: typeof options.git === 'string' ? options.git : null, commits: git.commits },
    quarantined: countQuarantined(layout),
    undetectable: undetectable(layout, first),
  };
}

interface Look {
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

/** One look at everything, or at these days of it. */
async function look(layout: Layout, options: VerifyOptions, only?: ReadonlySet<string>): Promise<Look> {
  const inventory = takeInventory(layout);
  const chain = readSealChain(layout);
  const known = [...new Set([...inventory.loose, ...inventory.archived, ...chain.days, ...chain.archives.keys()])].sort();
  const wanted = known.filter((day) => (options.day === undefined || day === options.day) && (options.since === undefined || day >= options.since));
  const days = only ? wanted.filter((day) => only.has(day)) : wanted;
  const result: Look = { chain, inventory, days, read: 0, vouched: 0, opened: 0, findings: [], dropped: 0 };
  const add = (day: string, findings: readonly Finding[]): void => {
    const room = Math.max(0, MAX_FINDINGS - result.findings.length);
    result.findings.push(...findings.slice(0, room).map((finding) => ({ day, finding })));
    result.dropped += Math.max(0, findings.length - room);
  };
  add('', located(layout, [...inventory.findings, ...chain.findings]));
  const isVouched = (day: string): boolean => inventory.archived.has(day) && options.deep !== true;
  const archiveOf = (day: string): string => layout.at(archiveName(day));
  const toRead = days.filter((day) => !isVouched(day));
  // What the hashes of archives vouch for comes last: they are made aside, while the files of other days are read.
  const vouched = days.filter(isVouched);
  const { onRead, onDay } = progressOf(layout, [...toRead, ...vouched], inventory, options);
  const around: Surroundings = { layout, chain, inventory, lines: new SealLines(layout), deep: options.deep === true, onRead };
  const aside = new HashesAside(days.filter((day) => inventory.archived.has(day)).map(archiveOf));
  const shared = new DaysAside(around, toRead);
  const take = (day: string, { findings, read, opened }: DayVerdict): void => {
    add(day, findings);
    result.read += read;
    if (opened) result.opened++;
    else if (inventory.archived.has(day)) result.vouched += chain.counts.get(day) ?? 0;
    onDay(day);
  };
  try {
    for await (const day of shared.own()) {
      take(day, verifyDay(around, day, await aside.of(archiveOf(day))));
      await heard();
    }
    for (const [day, verdict] of shared.others) take(day, verdict);
    for (const [i, day] of vouched.entries()) {
      take(day, verifyDay(around, day, await aside.of(archiveOf(day))));
      if (i % 16 === 15) await heard();
    }
  } finally {
    await Promise.all([shared.close(), aside.close()]);
  }
  return result;
}

/** A progress bar wants to be drawn, and Ctrl-C to be heard. */
const heard = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const keyOf = ({ path, reason }: Finding): string => `${path}\n${reason}`;

/** Counted in files; a day that is vouched for counts as one. */
function progressOf(
  layout: Layout,
  days: readonly string[],
  { loose }: Inventory,
  { onProgress }: VerifyOptions,
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

const countFiles = (layout: Layout, day: string): number => STAGES.reduce((sum, stage) => sum + listFolder(layout.day(stage, day)).length, 0);

async function gitOf(layout: Layout, range: string | true): Promise<{ findings: Finding[]; commits: number }> {
  const { verifyGit } = await import('./git.ts');
  return range === true ? verifyGit(layout) : verifyGit(layout, range);
}

function countQuarantined(layout: Layout): number {
  const files = listFolder(layout.quarantine).flatMap((day) => listFolder(`${layout.quarantine}/${day}`));
  return files.filter((file) => !file.endsWith('.reason.json')).length;
}

/** Nothing here names what came after the newest seal, and nothing names the newest seal. */
function undetectable(layout: Layout, { chain, inventory }: Look): VerifyReport['undetectable'] {
  const newest = chain.days.at(-1) ?? '';
  const open = [...inventory.loose].filter((day) => day > newest).sort();
  const counts = open.map((day) => ({ day, files: countFiles(layout, day) })).filter(({ files }) => files > 0);
  return {
    what: 'that the newest was taken away, if no copy lies elsewhere: what nothing else names yet of days that are not sealed (a last receipt, an event with all that followed), or the newest seals with their days',
    notSealedFrom: counts[0]?.day ?? null,
    artifacts: counts.reduce((sum, { files }) => sum + files, 0),
  };
}
