import type { IngestReport } from '../../run/intake.ts';
import type { Paint } from '../terminal.ts';
import { plural } from './pass.ts';

const MAX_SHOWN = 50;

/** What was recorded, what was known, and everything that was not taken, with its reason. */
export function ingestText({ results, rejected }: IngestReport, paint: Paint): string {
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
  const refused = of('conflict').length + of('rejected').length + rejected.length;
  lines.push(`${plural(recorded.length, 'event')} recorded, ${of('known').length} known before${refused === 0 ? '' : `, ${refused} not taken`}`);
  return lines.join('\n');
}
