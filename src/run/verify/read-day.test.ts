import { expect, it } from 'vitest';
import type { Finding } from './finding.ts';
import { type DaySource, readDay } from './read-day.ts';

const DAY = '2026-11-22';
const NAME = '20261122T115900.000Z_run.failed_job.x_0123456789ab';

function source(read: DaySource['read']): DaySource {
  return { list: (stage) => (stage === 'events' ? ['.hidden', `${NAME}.json`, 'README'] : []), read };
}

it('names what cannot be read, and goes on', () => {
  const findings: Finding[] = [];
  const facts = readDay(
    source(() => ({ kind: 'unreadable', detail: 'permission denied' })),
    DAY,
    findings,
  );
  expect(findings.map(({ path, reason, detail }) => [path, reason, detail])).toEqual([
    [`events/${DAY}/${NAME}.json`, 'unreadable', 'permission denied'],
    [`events/${DAY}/README`, 'name_invalid', 'no artifact of this folder has such a name'],
  ]);
  expect([...facts.files]).toEqual([
    [`events/${DAY}/${NAME}.json`, null],
    [`events/${DAY}/README`, null],
  ]);
});

it('does not mind a file that was taken away since it was listed', () => {
  const findings: Finding[] = [];
  const facts = readDay({ ...source(() => ({ kind: 'missing' })), list: () => [`${NAME}.json`] }, DAY, findings);
  expect({ findings: findings.filter(({ path }) => path.startsWith('events/')), events: facts.events.size }).toEqual({ findings: [], events: 0 });
});
