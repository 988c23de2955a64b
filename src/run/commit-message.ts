import { parseFile } from '../model/names.ts';
import { currentReceipt, type Standing } from '../model/truth.ts';
import type { Layout } from '../store/layout.ts';
import { readArtifact } from '../store/read.ts';

/** Lines of a message about what is blocked; the rest is counted. */
const MAX_LINES = 50;
const NOTE = '.reason.json';
const OUTCOMES: readonly [Standing, string][] = [
  ['acked', 'acked'],
  ['blocked', 'blocked'],
  ['pending_external_send', 'pending'],
  ['reopened', 'opened again'],
];

export interface CommitMessage {
  /** `3 events, 2 notices: 1 acked, 1 pending`. */
  subject: string;
  /** A line for each notice that is blocked; empty if none is. */
  body: string;
}

interface Outcome {
  revision: number;
  status: Standing;
  file: string;
}

/** What a commit adds, counted by the names of its files alone. `paths` start below `state/`. */
export function commitMessage(layout: Layout, paths: readonly string[]): CommitMessage {
  const in_ = (folder: string): string[] => paths.filter((path) => path.startsWith(`${folder}/`));
  const outcomes = outcomesOf(in_('receipts'));
  const told = OUTCOMES.flatMap(([status, word]) => {
    const n = [...outcomes.values()].filter((outcome) => outcome.status === status).length;
    return n === 0 ? [] : [`${n} ${word}`];
  }).join(', ');
  const heard = [...counted(in_('events').length, 'event'), ...counted(in_('queue').length, 'notice')].join(', ');
  const days = [
    ...daysOf(in_('seals'), '.sha256', 'sealed'),
    ...(in_('seals').some((path) => path.endsWith('.sha256')) ? [] : counted(in_('seals').length, 'signature')),
    ...daysOf(in_('archives'), '.tar.gz', 'archived'),
  ];
  const bad = in_('quarantine').filter((path) => !path.endsWith(NOTE)).length || in_('quarantine').length;
  const parts = [[heard, told].filter(Boolean).join(': '), ...days, bad === 0 ? '' : `${bad} quarantined`].filter(Boolean);
  const small = [
    ...counted(in_('decisions').length, 'decision'),
    ...counted(in_('handoffs').length, 'attempt'),
    ...counted(in_('subjects').length, 'subject'),
  ];
  return { subject: parts.join('; ') || small.join(', '), body: blockedLines(layout, outcomes) };
}

function counted(n: number, word: string): string[] {
  return n === 0 ? [] : [`${n} ${word}${n === 1 ? '' : 's'}`];
}

/** `2026-11-22 sealed`, `3 days sealed`. */
function daysOf(paths: readonly string[], suffix: string, what: string): string[] {
  const days = paths.filter((path) => path.endsWith(suffix)).map((path) => path.slice(path.indexOf('/') + 1, -suffix.length));
  return days.length === 0 ? [] : [`${days.length === 1 ? days[0] : `${days.length} days`} ${what}`];
}

/** The last word on each notice among these files. */
function outcomesOf(receipts: readonly string[]): Map<string, Outcome> {
  const all = new Map<string, Outcome[]>();
  for (const path of receipts) {
    const [, day = '', file = ''] = path.split('/');
    const parsed = parseFile('receipts', day, file);
    if (parsed?.kind !== 'receipt' && parsed?.kind !== 'reopening') continue;
    const outcome = { revision: parsed.revision, status: parsed.kind === 'receipt' ? parsed.status : ('reopened' as const), file };
    all.set(parsed.name, [...(all.get(parsed.name) ?? []), outcome]);
  }
  return new Map([...all].map(([notice, outcomes]) => [notice, currentReceipt(outcomes) as Outcome]));
}

function blockedLines(layout: Layout, outcomes: ReadonlyMap<string, Outcome>): string {
  const blocked = [...outcomes].filter(([, { status }]) => status === 'blocked').sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = blocked.slice(0, MAX_LINES).map(([notice, { file }]) => `blocked  ${notice}  ${reasonIn(layout, notice, file)}`);
  if (blocked.length > MAX_LINES) lines.push(`and ${blocked.length - MAX_LINES} more`);
  return lines.join('\n');
}

function reasonIn(layout: Layout, notice: string, file: string): string {
  try {
    const read = readArtifact(layout, 'receipt', 'receipts', notice, file);
    return read.kind === 'ok' ? read.stored.document.reason : 'its receipt cannot be read';
  } catch {
    return 'its receipt cannot be read';
  }
}
