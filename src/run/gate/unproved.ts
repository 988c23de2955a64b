import type { Notice, Receipt } from '../../model/artifacts.ts';
import type { GatingNotice } from '../../model/cel-gates.ts';
import { type Ceiling, type EvidenceLevel, highest, reaches } from '../../model/evidence.ts';
import { compactTime, fileName, parseFile } from '../../model/names.ts';
import { formatTime } from '../../model/time.ts';
import { ClosedDays } from '../../store/closed-days.ts';
import { listAllDays, listStage } from '../../store/history.ts';
import type { Layout } from '../../store/layout.ts';
import { readArtifact } from '../../store/read.ts';
import { listRevisions, type RevisionFile, standingOf } from '../../store/receipts.ts';
import { type LateWord, lateWords } from '../late-words.ts';

/** A notice that humans may not have been told of. */
export interface Unproved {
  notice: string;
  about: Omit<GatingNotice, 'actor'>;
  /** The highest that is proved. */
  proved: Ceiling;
  status: Receipt['status'] | 'none';
}

const DAY_MS = 86_400_000;

/** Notices since `from_ms` whose proof lies below `evidence`, in order of time. What cannot be read counts as unproved. */
export function* unprovedSince(layout: Layout, from_ms: number, evidence: EvidenceLevel): Generator<Unproved> {
  const from = compactTime(formatTime(from_ms));
  const firstDay = formatTime(from_ms - DAY_MS).slice(0, 10);
  const closed = new ClosedDays(layout).through();
  let late: Map<string, LateWord[]> | null = null;
  for (const day of listAllDays(layout)) {
    if (day < firstDay) continue;
    const names = listStage(layout, 'queue', day).flatMap((file) => {
      const parsed = file >= from ? parseFile('queue', day, file) : null;
      return parsed?.kind === 'notice' ? [parsed.name] : [];
    });
    if (names.length === 0) continue;
    const revisions = revisionsOf(layout, day);
    for (const name of names.sort()) {
      const alone = standing(layout, name, revisions.get(name) ?? []);
      if (reaches(alone.proved, evidence)) continue;
      // Of a day that is open everything is said beside its notices.
      if (day <= closed) late ??= lateWords(layout);
      const { proved, status } = withLate(alone, late?.get(name) ?? []);
      if (!reaches(proved, evidence)) yield { notice: name, about: aboutOf(layout, name), proved, status };
    }
  }
}

function revisionsOf(layout: Layout, day: string): Map<string, RevisionFile[]> {
  const byNotice = new Map<string, RevisionFile[]>();
  for (const revision of listRevisions(layout, day)) {
    const known = byNotice.get(revision.name);
    if (known) known.push(revision);
    else byNotice.set(revision.name, [revision]);
  }
  return byNotice;
}

type Proved = Pick<Unproved, 'proved' | 'status'>;

function standing(layout: Layout, name: string, revisions: readonly RevisionFile[]): Proved {
  const found = standingOf(layout, name, revisions);
  if ('kind' in found || found.receipt === null) return { proved: 'none', status: 'none' };
  const { evidence, status } = found.receipt.document;
  return { proved: highest(evidence.map(({ level }) => level)), status };
}

/** What came about it after its day was sealed. */
function withLate({ proved, status }: Proved, late: readonly LateWord[]): Proved {
  return { proved: highest([proved, ...late.flatMap(({ evidence }) => evidence?.level ?? [])]), status };
}

/** Of one that cannot be read nobody knows how grave it is: it counts as the gravest. */
function aboutOf(layout: Layout, name: string): Unproved['about'] {
  const read = readArtifact(layout, 'notice', 'queue', name, fileName.notice(name));
  if (read.kind !== 'ok') return { severity: 'critical', subject: '', eventType: '', rule: '', target: '' };
  const { severity, subject, eventType, rule, target }: Notice = read.stored.document;
  return { severity, subject, eventType, rule: rule.id, target };
}
