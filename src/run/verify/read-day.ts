import type { ArtifactKind, ArtifactKinds, Event, Link } from '../../model/artifacts.ts';
import { STAGES, type Stage } from '../../model/artifacts.ts';
import { sha256 } from '../../model/hash.ts';
import { type ParsedFile, parseFile } from '../../model/names.ts';
import { CONFIRM_SOURCE, WATCHDOG_SOURCE } from '../../model/words.ts';
import type { ReadResult } from '../../store/files.ts';
import { artifactFrom } from '../../store/read.ts';
import { type DayFacts, noFacts, partsOf } from './facts.ts';
import type { Finding } from './finding.ts';

/** Where a day lies: in folders, or in an archive. */
export interface DaySource {
  /** Names of files; reports itself what keeps a folder from being listed. */
  list(stage: Stage, day: string): readonly string[];
  read(path: string): ReadResult | { kind: 'unreadable'; detail: string };
}

const LINK_PATH = new RegExp(`^(${STAGES.join('|')})/\\d{4}-\\d{2}-\\d{2}/[A-Za-z0-9._-]+\\.json$`);
const SHA256 = /^[0-9a-f]{64}$/;

/**
 * Everything of a day that can be believed, and what cannot. Children are read before what caused them: whatever is seen, its cause
 * was there before and is seen too.
 */
export function readDay(source: DaySource, day: string, findings: Finding[], onRead: () => void = () => {}): DayFacts {
  const facts = noFacts(day);
  for (const stage of [...STAGES].reverse()) {
    for (const file of source.list(stage, day)) {
      if (file.startsWith('.')) continue;
      const path = `${stage}/${day}/${file}`;
      const parsed = parseFile(stage, day, file);
      if (parsed) readFile(source, parsed, path, file, facts, findings);
      else {
        findings.push({ path, reason: 'name_invalid', detail: 'no artifact of this folder has such a name', since: null });
        facts.files.set(path, hashOf(source, path));
      }
      onRead();
    }
  }
  for (const { revisions } of facts.notices.values()) revisions.sort((a, b) => a.document.revision - b.document.revision);
  return facts;
}

function hashOf(source: DaySource, path: string): string | null {
  const read = source.read(path);
  return read.kind === 'bytes' ? sha256(read.bytes) : null;
}

function readFile(source: DaySource, parsed: ParsedFile, path: string, file: string, facts: DayFacts, findings: Finding[]): void {
  const read = source.read(path);
  // It was taken away since the folder was listed.
  if (read.kind === 'missing') return;
  if (read.kind !== 'bytes') {
    facts.files.set(path, null);
    hide(facts, parsed);
    findings.push({ path, reason: read.kind === 'bad' ? read.reason : 'unreadable', detail: read.detail, since: null });
    return;
  }
  const artifact = artifactFrom<ArtifactKind>(parsed.kind, path, parsed.name, file, read.bytes);
  if (artifact.kind === 'bad') {
    facts.files.set(path, sha256(read.bytes));
    hide(facts, parsed);
    findings.push({ path, reason: artifact.reason, detail: artifact.detail, since: null });
    return;
  }
  facts.files.set(path, artifact.stored.link.sha256);
  keep(facts, parsed, path, artifact.stored.document);
}

function hide(facts: DayFacts, parsed: ParsedFile): void {
  if (parsed.kind === 'handoff') partsOf(facts, parsed.name).hidden.add(parsed.attempt);
}

function keep(facts: DayFacts, parsed: ParsedFile, path: string, read: ArtifactKinds[ArtifactKind]): void {
  const { name } = parsed;
  const as = <K extends ArtifactKind>(_: K) => ({ path, document: read as ArtifactKinds[K] });
  switch (parsed.kind) {
    case 'event': {
      const { type, subject, severity, time, filedtime, recordedtime } = read as Event;
      const document = { type, subject, severity, time, recordedtime, ...(filedtime === undefined ? {} : { filedtime }) };
      facts.events.set(name, { path, document, links: linksIn(read as Event) });
      return;
    }
    case 'decision': {
      const { event, rules, notices } = read as ArtifactKinds['decision'];
      facts.decisions.set(name, { path, document: { event, rules: rules.filter(({ outcome }) => outcome === 'notify'), notices } });
      return;
    }
    case 'notice': {
      const { title: _, text: __, ...document } = read as ArtifactKinds['notice'];
      partsOf(facts, name).notice = { path, document };
      return;
    }
    case 'handoff':
      partsOf(facts, name).handoffs.set(parsed.attempt, as('handoff'));
      return;
    case 'claim':
      partsOf(facts, name).claims.set(parsed.attempt, as('claim'));
      return;
    case 'deferral':
      partsOf(facts, name).deferrals.set(parsed.attempt, as('deferral'));
      return;
    case 'receipt':
      partsOf(facts, name).revisions.push(as('receipt'));
      return;
    case 'reopening':
      partsOf(facts, name).revisions.push(as('reopening'));
  }
}

/** Only events that this program itself makes hold links; what looks like one in the data of others is theirs. */
function linksIn({ source, data = {} }: Event): Link[] {
  if (source !== WATCHDOG_SOURCE && source !== CONFIRM_SOURCE) return [];
  return Object.values(data).flatMap((value): Link[] => {
    const { path, sha256: hash } = (value ?? {}) as Partial<Record<keyof Link, unknown>>;
    return typeof path === 'string' && LINK_PATH.test(path) && typeof hash === 'string' && SHA256.test(hash) ? [{ path, sha256: hash }] : [];
  });
}
