import type { IngestedConfirmation } from '../../run/confirm-foreign.ts';
import type { IngestReport } from '../../run/intake.ts';
import type { Paint } from '../terminal.ts';
import { plural } from './pass.ts';

const MAX_SHOWN = 50;

/** What was recorded, what was known, and everything that was not taken, with its reason. */
export function ingestText({ results, rejected, confirmations }: IngestReport, paint: Paint): string {
  const of = (status: string) => results.filter((result) => result.status === status);
  const recorded = of('recorded');
  const lines = recorded
    .slice(0, MAX_SHOWN)
    .map(({ type, subject }) => `${paint('green', 'recorded')}  ${paint('reset', type.padEnd(18))}  ${paint('reset', subject)}`);
  if (recorded.length > MAX_SHOWN) lines.push(`          ... and ${recorded.length - MAX_SHOWN} more`);
  for (const { event, detail } of of('conflict'))
    lines.push(`${paint('red', 'conflict')}  ${paint('reset', event ?? '')}: ${paint('reset', detail)}`);
  for (const { from, subject, detail } of of('rejected'))
    lines.push(`${paint('red', 'rejected')}  ${paint('reset', `${from}: ${subject}`)}: ${paint('reset', detail)}`);
  for (const { from, where, reason } of rejected)
    lines.push(`${paint('red', 'rejected')}  ${paint('reset', `${from}: ${where}`)}: ${paint('reset', reason)}`);
  const [said, refusedWords] = [
    confirmations.filter(({ status }) => status !== 'rejected'),
    confirmations.filter(({ status }) => status === 'rejected'),
  ];
  lines.push(...[...said.slice(0, MAX_SHOWN), ...refusedWords].map((item) => confirmationLine(item, paint)));
  if (said.length > MAX_SHOWN) lines.push(`          ... and ${said.length - MAX_SHOWN} more`);
  if (confirmations.length > 0 && results.length + rejected.length === 0) {
    lines.push(confirmationCounts(confirmations));
    return lines.join('\n');
  }
  const refused = of('conflict').length + of('rejected').length + rejected.length;
  lines.push(`${plural(recorded.length, 'event')} recorded, ${of('known').length} known before${refused === 0 ? '' : `, ${refused} not taken`}`);
  if (confirmations.length > 0) lines.push(confirmationCounts(confirmations));
  return lines.join('\n');
}

function confirmationLine({ from, handoff, status, receipt, detail }: IngestedConfirmation, paint: Paint): string {
  const mark = status === 'recorded' ? paint('green', 'confirmed') : status === 'known' ? paint('dim', 'known    ') : paint('red', 'rejected ');
  const truth = receipt === null ? '' : `  ${receipt.status} (revision ${receipt.revision})`;
  const where = status === 'rejected' ? `${from}: ${handoff}` : handoff;
  return `${mark} ${paint('reset', where)}${truth}${detail === '' ? '' : `: ${paint('reset', detail)}`}`;
}

function confirmationCounts(confirmations: readonly IngestedConfirmation[]): string {
  const count = (status: IngestedConfirmation['status']): number => confirmations.filter((item) => item.status === status).length;
  const refused = count('rejected');
  return `${plural(count('recorded'), 'confirmation')} recorded, ${count('known')} known before${refused === 0 ? '' : `, ${refused} not taken`}`;
}
