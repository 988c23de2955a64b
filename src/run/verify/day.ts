import { STAGES } from '../../model/artifacts.ts';
import { messageOf } from '../../model/errors.ts';
import type { Archive } from '../../store/archive.ts';
import { archiveName } from '../../store/archived-days.ts';
import { dayBeingSealed } from '../../store/closed-days.ts';
import { readRegular, realFileSystem } from '../../store/files.ts';
import { type Layout, MAX_ARTIFACT_BYTES } from '../../store/layout.ts';
import { sealName } from '../../store/seals.ts';
import { changedAt } from './changed-at.ts';
import { type DayFacts, noFacts } from './facts.ts';
import type { Finding } from './finding.ts';
import { type Inventory, listDay } from './inventory.ts';
import { impossible } from './lifecycle.ts';
import { brokenLinks } from './links.ts';
import { differences, verifyArchive } from './packed-day.ts';
import { type DaySource, readDay } from './read-day.ts';
import { type SealChain, strangeLines } from './seal-chain.ts';
import { readWholeSeal } from './seal-file.ts';
import { hashesAnywhere, type SealLines } from './seal-lines.ts';

/** What all days are looked at with. */
export interface Surroundings {
  layout: Layout;
  chain: SealChain;
  inventory: Inventory;
  lines: SealLines;
  /** Also what the hash of an archive vouches for already. */
  deep: boolean;
  onRead: () => void;
}

export interface DayVerdict {
  findings: Finding[];
  /** Artifacts that were read one by one; those of an archive that its hash vouches for are not. */
  read: number;
  /** Whether its archive was opened. */
  opened: boolean;
}

/** What lies about of a day, read and understood, and what keeps any of it from being so. */
export interface LooseDay {
  facts: DayFacts;
  found: Finding[];
}

/** The files of a day, whatever the seals say of them. */
export function readLoose({ layout, inventory, onRead }: Pick<Surroundings, 'layout' | 'inventory' | 'onRead'>, day: string): LooseDay {
  const found: Finding[] = [];
  return { facts: inventory.loose.has(day) ? readDay(looseSource(layout, found), day, found, onRead) : noFacts(day), found };
}

/** Everything about one day; `hash` is that of its archive, and `read` what lies about of it, if they are known already. */
export function verifyDay(around: Surroundings, day: string, hash: string | null, read?: LooseDay): DayVerdict {
  const { layout, chain, inventory } = around;
  const isPacked = inventory.archived.has(day);
  const packed = isPacked || chain.archives.has(day) ? verifyArchive(layout, day, chain.archives.get(day), around.lines, around.deep, hash) : null;
  const { facts: loose, found } = read ?? readLoose(around, day);
  const findings = packed?.findings ?? [];
  if (!isPacked) {
    const isMissedAlready = loose.files.size === 0 && findings.length > 0;
    findings.push(...found, ...(isMissedAlready ? [] : againstSeal(around, loose)), ...contentOf(around, loose));
  } else {
    // What an archive holds may still lie about, as it is; nothing else may.
    if (loose.files.size > 0) findings.push(...besideArchive(around.lines.of(day), loose, day));
    if (packed?.files && around.deep) findings.push(...insideArchive(around, packed.files, day));
  }
  return { findings: located(layout, findings), read: loose.files.size + (packed?.files?.size ?? 0), opened: (packed?.files ?? null) !== null };
}

function insideArchive(around: Surroundings, files: Archive, day: string): Finding[] {
  const findings: Finding[] = [];
  const facts = readDay(archiveSource(files), day, findings, around.onRead);
  const since = changedAt(around.layout, archiveName(day));
  return [...findings, ...contentOf(around, facts)].map((finding) => ({ ...finding, since: finding.since ?? since }));
}

/** Links, and what is possible. */
function contentOf({ layout, chain, lines }: Surroundings, facts: DayFacts): Finding[] {
  return [...brokenLinks(facts, hashesAnywhere(layout, lines)), ...impossible(facts), ...unsealedOrigins(facts, layout, chain)];
}

/** Each finding once, with the time since when it is so, as far as that can be told. */
export function located(layout: Layout, findings: readonly Finding[]): Finding[] {
  const once = new Map(findings.map((finding) => [`${finding.path}\n${finding.reason}\n${finding.detail}`, finding]));
  return [...once.values()].map((finding) => ({ ...finding, since: finding.since ?? changedAt(layout, finding.path) }));
}

function againstSeal({ layout, chain }: Surroundings, { day, files }: DayFacts): Finding[] {
  const newest = chain.days.at(-1) ?? '';
  if (!chain.days.includes(day)) {
    if (day > newest || files.size === 0) return [];
    const [first = ''] = files.keys();
    const path = first.slice(0, first.lastIndexOf('/'));
    const detail = `${files.size} artifacts, and days are sealed through ${newest}: they came later, or their seal is gone`;
    return [{ path, reason: 'day_unsealed', detail, since: null }];
  }
  const path = sealName(day);
  const seal = readWholeSeal(layout, day);
  if (typeof seal === 'string') return [{ path, reason: 'seal_malformed', detail: seal, since: null }];
  if (files.size === 0 && seal.artifacts.length > 0) {
    return [
      { path, reason: 'artifact_missing', detail: `all ${seal.artifacts.length} artifacts that it names are gone`, since: goneSince(layout, day) },
    ];
  }
  return [...strangeLines(day, seal), ...differences(new Map(seal.artifacts.map((line) => [line.path, line.sha256])), files, 'it has')];
}

const goneSince = (layout: Layout, day: string): string | null =>
  STAGES.flatMap((stage) => changedAt(layout, `${stage}/${day}`) ?? [])
    .sort()
    .at(-1) ?? null;

function besideArchive(sealed: ReadonlyMap<string, string> | null, { files }: DayFacts, day: string): Finding[] {
  if (sealed === null) return [];
  const known = new Map([...sealed].filter(([path]) => files.has(path)));
  return differences(known, files, `it has, beside ${archiveName(day)},`);
}

/** An event is filed under a later day than its own only because its own was sealed. */
function unsealedOrigins({ events }: DayFacts, layout: Layout, { days }: SealChain): Finding[] {
  const closed = [days.at(-1) ?? '', dayBeingSealed(layout)].sort().at(-1) as string;
  return [...events.values()].flatMap(({ path, document }): Finding[] => {
    const origin = document.time.slice(0, 10);
    const filed = document.filedtime?.slice(0, 10) ?? '';
    if (origin <= closed || origin >= filed) return [];
    const detail = `${path} was filed later because ${origin} was sealed`;
    return [{ path: sealName(origin), reason: 'seal_missing', detail, since: document.recordedtime }];
  });
}

function looseSource(layout: Layout, findings: Finding[]): DaySource {
  return {
    list: (stage, day) => listDay(layout, stage, day, findings),
    read(path) {
      try {
        // Not join(): for thousands of files that is a part of the work that can be seen.
        return readRegular(realFileSystem, `${layout.root}/${path}`, MAX_ARTIFACT_BYTES);
      } catch (error) {
        return { kind: 'unreadable', detail: messageOf(error) };
      }
    },
  };
}

function archiveSource(files: Archive): DaySource {
  const byStage = new Map<string, string[]>(STAGES.map((stage) => [stage, []]));
  for (const path of files.keys()) byStage.get(path.slice(0, path.indexOf('/')))?.push(path.slice(path.lastIndexOf('/') + 1));
  return {
    list: (stage) => byStage.get(stage) ?? [],
    read(path) {
      const bytes = files.get(path);
      return bytes === undefined ? { kind: 'missing' } : { kind: 'bytes', bytes };
    },
  };
}
