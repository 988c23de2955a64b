import type { Event, Stored } from '../../model/artifacts.ts';
import { isLater, isWord, WATCHDOG_SOURCE, type Word, wordOf } from '../../model/words.ts';

/** What an event means to the watchdog: a word from a subject, or something that it found before, here or elsewhere. */
export type Fact =
  | { kind: 'word'; word: Word }
  | { kind: 'in_force'; expectation: string; digest: string; time_ms: number }
  | {
      kind: 'overdue';
      name: string;
      expectation: string;
      subject: string;
      run: string | null;
      last: string | null;
      due_ms: number;
      reminder: number;
    };

/** Null for what says nothing of anybody's silence. */
export function factOf(event: Pick<Stored<Event>, 'name' | 'document'>): Fact | null {
  const { source, type, data } = event.document;
  if (isWord(event.document)) return { kind: 'word', word: wordOf(event) };
  if (source !== WATCHDOG_SOURCE) return null;
  if (type === 'expectation.in_force') {
    const { expectation, digest } = data ?? {};
    if (typeof expectation !== 'string' || typeof digest !== 'string') return null;
    return { kind: 'in_force', expectation, digest, time_ms: Date.parse(event.document.time) };
  }
  if (type === 'report.overdue') return overdueFact(event.name, event.document);
  return null;
}

function overdueFact(name: string, { data = {}, subject, runid }: Event): Fact | null {
  const { expectation, dueAt, reminder = 0, lastWord = null, neverHeard } = data;
  const due_ms = typeof dueAt === 'string' ? Date.parse(dueAt) : Number.NaN;
  if (typeof expectation !== 'string' || Number.isNaN(due_ms) || typeof reminder !== 'number') return null;
  const path = (lastWord as { path?: unknown } | null)?.path;
  const last = typeof path === 'string' ? path.slice(path.lastIndexOf('/') + 1).replace(/\.json$/, '') : null;
  return { kind: 'overdue', name, expectation, subject: neverHeard === 'anybody' ? '' : subject, run: runid ?? null, last, due_ms, reminder };
}

/** In the order in which they count. At the same moment a word comes before the silence that it keeps from beginning. */
export function inOrder(facts: readonly Fact[]): Fact[] {
  return [...facts].sort(
    (a, b) => timeOf(a) - timeOf(b) || rank(a) - rank(b) || (a.kind === 'word' && b.kind === 'word' && isLater(a.word, b.word) ? 1 : -1),
  );
}

const timeOf = (fact: Fact): number => (fact.kind === 'word' ? fact.word.time_ms : fact.kind === 'overdue' ? fact.due_ms : fact.time_ms);
const rank = ({ kind }: Fact): number => (kind === 'word' ? 0 : 1);
