import { truncate } from '../../model/text.ts';
import type { CommitReport } from '../../run/commit.ts';
import type { Paint } from '../terminal.ts';

/** `committed  1a2b3c4d5e6f  3 events, 2 notices: 1 acked, 1 pending`; empty where nothing was. */
export function commitText(report: CommitReport | undefined, paint: Paint): string {
  if (report?.outcome !== 'committed') return '';
  return `${paint('green', 'committed')}  ${report.commit.slice(0, 12)}  ${paint('reset', report.message)}`;
}

/** What whoever reads the output of cron has to know, a line each; empty if all is well. */
export function commitWarnings(report: CommitReport | undefined, paint: Paint): string {
  if (report === undefined) return '';
  const label = `${paint('yellow', 'rgov: warning:')} `;
  if (report.outcome === 'not_committed') {
    const hint = report.hint === undefined ? '' : `\n  ${paint('cyan', 'hint:')} ${paint('reset', report.hint)}`;
    return `${label}nothing was committed (${report.reason}): ${paint('reset', report.detail)}${hint}`;
  }
  if (report.left.length === 0) return '';
  return `${label}not committed, as they cannot be read: ${paint('reset', truncate(report.left.join(', '), 500))}`;
}
