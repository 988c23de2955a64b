import type { Catalog, PassSchedule } from '../../model/catalog.ts';
import { RgovError } from '../../model/errors.ts';
import { formatDuration } from '../../model/time.ts';

/** `a pass every 5m`. */
export function scheduleWords(schedule: PassSchedule | null): string {
  if (schedule === null) return 'a pass now and then';
  return schedule.kind === 'every' ? `a pass every ${formatDuration(schedule.every_ms)}` : `a pass by ${schedule.cron} (${schedule.timezone})`;
}

export const noSchedule = (binding: string): RgovError =>
  new RgovError('usage', `the binding ${binding} does not say how often a pass is meant to run`, {
    expected: 'spec.schedule, such as every: 5m, or cron: "0 * * * *" with a timezone',
    hint: `add to bindings/${binding}.yaml, below spec:   schedule: { every: 5m }`,
  });

/** Senders whose bridge is a process of its own: nothing here knows who may start it. */
export const bridgeWarnings = ({ senders }: Catalog): string[] =>
  Object.values(senders).flatMap(({ name, bridge }) =>
    bridge === 'process' ? [`sender ${name} has a bridge of its own, which its user must start and keep running: rgov bridge --sender ${name}`] : [],
  );
