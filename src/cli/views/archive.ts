import type { ArchiveReport, DayOutcome, DayReport } from '../../run/archive.ts';
import type { Paint } from '../terminal.ts';
import { formatBytes } from './bytes.ts';
import { plural } from './pass.ts';

const MAX_FAULTS_SHOWN = 10;

const OUTCOME_STYLE = {
  archived: 'green',
  finished: 'green',
  already: 'dim',
  not_sealed: 'yellow',
  refused: 'red',
  incomplete: 'red',
  failed: 'red',
} as const satisfies Record<DayOutcome, string>;

/** One line for each day, below it what is wrong with it, then the sum. */
export function archiveText(report: ArchiveReport, paint: Paint): string {
  const isUnsealed = ({ outcome }: DayReport): boolean => outcome === 'not_sealed';
  const lines = report.days.filter((day) => !isUnsealed(day)).flatMap((day) => dayLines(day, report.dryRun, paint));
  const unsealed = report.days.filter(isUnsealed).map(({ day }) => day);
  if (unsealed.length > 0)
    lines.push(
      `${paint('yellow', 'not sealed')}  ${unsealed.length === 1 ? unsealed[0] : `${unsealed.length} days, ${unsealed[0]} to ${unsealed.at(-1)}`}  left alone`,
      paint('dim', 'A day is sealed by rgov reconcile, when it is over by spec.seal.after and everything in it is settled.'),
    );
  if (report.days.some(({ outcome }) => outcome === 'refused' || outcome === 'incomplete'))
    lines.push(
      paint('dim', 'What differs from its seal is never packed and never removed: rgov verify says more, and a copy from elsewhere puts it right.'),
    );
  lines.push(summary(report));
  return lines.join('\n');
}

function dayLines(day: DayReport, dryRun: boolean, paint: Paint): string[] {
  const name = dryRun && day.outcome in WOULD ? (WOULD[day.outcome] as string) : day.outcome;
  const lines = [`${paint(OUTCOME_STYLE[day.outcome], name)}  ${day.day}  ${paint('reset', whatWasDone(day, dryRun))}`];
  for (const { path, detail } of day.faults.slice(0, MAX_FAULTS_SHOWN)) lines.push(`  ${paint('reset', `${path}: ${detail}`)}`);
  if (day.faults.length > MAX_FAULTS_SHOWN) lines.push(`  ... and ${day.faults.length - MAX_FAULTS_SHOWN} more: rgov archive --json`);
  if (day.failure) lines.push(`  ${paint('reset', day.failure.message)}`);
  if (day.failure?.hint !== undefined) lines.push(`  ${paint('cyan', 'hint:')} ${paint('reset', day.failure.hint)}`);
  return lines;
}

const WOULD: Partial<Record<DayOutcome, string>> = { archived: 'would archive', finished: 'would finish' };

function whatWasDone({ outcome, artifacts, removed, archive, faults }: DayReport, dryRun: boolean): string {
  const packed = archive === null ? '' : `${formatBytes(archive.bytes)} in state/${archive.path}`;
  const files = plural(removed.files, 'loose file');
  switch (outcome) {
    case 'archived':
      return `${plural(artifacts, 'artifact')}, ${formatBytes(removed.bytes)}, ${dryRun ? 'would be' : 'now'} ${packed}`;
    case 'finished':
      return `it is ${packed} already; ${files}, ${formatBytes(removed.bytes)}, ${dryRun ? 'would be removed' : 'removed'}`;
    case 'incomplete':
      return `it is ${packed}; ${files} ${dryRun ? 'would be removed' : 'removed'}, and not what is wrong (${faults.length}):`;
    case 'refused':
      return `nothing of it was packed or removed; wrong (${faults.length}):`;
    case 'failed':
      return 'the disk did not do it; the next run goes on from here';
    default:
      return 'nothing was left to do';
  }
}

/** `2 days: 1 archived, 1 not_sealed; 3.1 MiB freed`. */
function summary({ days, before, dryRun, alreadyArchived }: ArchiveReport): string {
  const counts = new Map<DayOutcome, number>();
  for (const { outcome } of days) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  if (alreadyArchived > 0) counts.set('already', alreadyArchived);
  const total = days.length + alreadyArchived;
  if (total === 0) return `no day before ${before}`;
  const words = [...counts].map(([outcome, n]) => `${n} ${outcome === 'already' ? 'archived before' : outcome.replace('_', ' ')}`).join(', ');
  const freed = days.reduce((sum, { outcome, removed, archive }) => sum + removed.bytes - (outcome === 'archived' ? (archive?.bytes ?? 0) : 0), 0);
  const room = freed <= 0 ? '' : `; ${formatBytes(freed)} ${dryRun ? 'would be freed' : 'freed'}`;
  return `${plural(total, 'day')} before ${before}: ${words}${room}${dryRun ? '; nothing was written' : ''}`;
}
