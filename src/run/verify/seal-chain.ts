import { listFolder } from '../../store/folder.ts';
import type { Layout } from '../../store/layout.ts';
import { listSeals, parseSeal, type Seal, sealName } from '../../store/seals.ts';
import type { Finding } from './finding.ts';
import { orNone } from './inventory.ts';
import { dayOfPath } from './links.ts';
import { readSealStart, readWholeSeal } from './seal-file.ts';

/** The hash of an archive, and the seal that names it. */
export interface NamedArchive {
  sha256: string;
  by: string;
}

export interface SealChain {
  /** Days that have a seal, sorted. */
  days: readonly string[];
  /** How many artifacts each seal names, by day. */
  counts: ReadonlyMap<string, number>;
  /** What the seals say of archives, by the day of the archive. */
  archives: ReadonlyMap<string, NamedArchive>;
  /** Days whose seal is signed, sorted. */
  signed: readonly string[];
  findings: readonly Finding[];
}

const SEAL_PATH = /^seals\/(\d{4}-\d{2}-\d{2})\.sha256$/;
const ARCHIVE_PATH = /^archives\/(\d{4}-\d{2}-\d{2})\.tar\.gz$/;

/**
 * Every seal against the one before it. Of each only the head is understood here, and all of its bytes are hashed: what a seal says of
 * its day is looked at with that day, or vouched for by the seal after it.
 */
export function readSealChain(layout: Layout): SealChain {
  const findings: Finding[] = [];
  const days = orNone(() => listSeals(layout));
  const hashes = new Map<string, string>();
  const counts = new Map<string, number>();
  const archives = new Map<string, NamedArchive>();
  days.forEach((day, i) => {
    const path = sealName(day);
    const read = readSealStart(layout, day);
    if (read.kind !== 'read') {
      const reason = read.kind === 'missing' ? 'seal_missing' : read.reason;
      findings.push({ path, reason, detail: read.kind === 'missing' ? 'it was there a moment ago' : read.detail, since: null });
      return;
    }
    hashes.set(day, read.sha256);
    // Nothing that follows vouches for what the newest seal says of its day.
    const seal = i === days.length - 1 ? readWholeSeal(layout, day) : parseSeal(read.head);
    if (typeof seal === 'string') {
      findings.push({ path, reason: 'seal_malformed', detail: seal, since: null });
      return;
    }
    counts.set(day, read.artifacts);
    findings.push(...strangeLines(day, seal), ...brokenBefore(days, i, seal, hashes), ...takeArchives(day, seal, archives));
  });
  const { signed, others } = besideSeals(layout, new Set(days));
  return { days, counts, archives, signed, findings: [...findings, ...others] };
}

/** A seal names the artifacts of its own day. */
export function* strangeLines(day: string, { artifacts }: Seal): Generator<Finding> {
  const strange = artifacts.find(({ path }) => dayOfPath(path) !== day);
  if (strange) yield { path: sealName(day), reason: 'seal_malformed', detail: `it names ${strange.path}, which is of another day`, since: null };
}

function* brokenBefore(days: readonly string[], i: number, { previous }: Seal, hashes: ReadonlyMap<string, string>): Generator<Finding> {
  const path = sealName(days[i] as string);
  const before = i === 0 ? null : (days[i - 1] as string);
  if (previous === null) {
    const detail = `it begins a chain of its own, and ${before} is sealed before it`;
    if (before !== null) yield { path, reason: 'seal_chain_broken', detail, since: null };
    return;
  }
  const named = SEAL_PATH.exec(previous.path)?.[1] ?? '';
  if (named === '' || named >= (days[i] as string)) {
    yield { path, reason: 'seal_malformed', detail: `it names ${previous.path} as the seal before it`, since: null };
    return;
  }
  if (!days.includes(named)) {
    yield { path: previous.path, reason: 'seal_missing', detail: `${path} names it as the seal before it`, since: null };
    return;
  }
  // Seals between the two stand outside of the chain.
  for (const other of days.slice(days.indexOf(named) + 1, i)) {
    yield { path: sealName(other), reason: 'seal_chain_broken', detail: `${path} builds on ${previous.path} and leaves it out`, since: null };
  }
  const actual = hashes.get(named);
  if (actual !== undefined && actual !== previous.sha256) {
    yield { path: previous.path, reason: 'seal_altered', detail: `${path} names the SHA-256 ${previous.sha256}, it has ${actual}`, since: null };
  }
}

function* takeArchives(day: string, seal: Seal, archives: Map<string, NamedArchive>): Generator<Finding> {
  const by = sealName(day);
  for (const { path, sha256: hash } of seal.archives) {
    const packed = ARCHIVE_PATH.exec(path)?.[1] ?? '';
    const known = archives.get(packed);
    if (packed === '' || packed >= day || known) {
      const detail = known ? `it names ${path}, which ${known.by} has named` : `it names ${path}, which cannot have been there yet`;
      yield { path: by, reason: 'seal_malformed', detail, since: null };
    } else archives.set(packed, { sha256: hash, by });
  }
}

/** What else lies in the folder of the seals. */
function besideSeals(layout: Layout, sealed: ReadonlySet<string>): { signed: string[]; others: Finding[] } {
  const signed: string[] = [];
  const others: Finding[] = [];
  for (const file of orNone(() => listFolder(layout.seals)).sort()) {
    const path = `seals/${file}`;
    if (file.startsWith('.') || SEAL_PATH.test(path)) continue;
    const day = SEAL_PATH.exec(path.replace(/\.sig$/, ''))?.[1];
    if (day === undefined) others.push({ path, reason: 'name_invalid', detail: 'neither a seal nor a signature of one', since: null });
    else if (sealed.has(day)) signed.push(day);
    else others.push({ path, reason: 'signature_without_seal', detail: `there is no ${sealName(day)}`, since: null });
  }
  return { signed, others };
}
