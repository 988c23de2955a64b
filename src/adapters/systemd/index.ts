import type { Adapter, Translation } from '../adapter.ts';
import { blocksIn } from './blocks.ts';
import { draftOf } from './draft.ts';

/**
 * Units of systemd, as `systemctl show` prints them: Key=Value lines, units separated by an empty line (systemctl(1), org.freedesktop.systemd1(5)).
 * From a handler that units name in `OnFailure=` and `OnSuccess=`, where `%i` is the unit: `systemctl show --timestamp=utc %i | rgov ingest systemd`;
 * or polled, as often as you like. Everything is observed, by systemd. The subject is `job/<unit>`, as in `job/nightly-backup.service`.
 *
 * - runs: `run.started`. Ended with exit code 0 and Result=success: `run.succeeded`. Failed: `run.failed`, with Result=timeout `run.timed_out`.
 * - Result=success alone is no success: a unit that does not exist says so, too, and one that failed before `systemctl reset-failed`.
 * - Not told: units that never ran, that were skipped (ExecCondition=), that stop right now; and units that are no services, unless they failed.
 * - A unit that ended well and that nothing refers to is forgotten by systemd, and then looks like one that never ran (systemd issue 23752): a handler in
 *   `OnSuccess=` comes in time.
 *
 * Nothing in the output names the machine, or whether it was the user's manager (`--user`): the same name is the same subject.
 */
export const adapter: Adapter = {
  name: 'systemd',
  summary: 'units of systemd, as printed by `systemctl show UNIT...`',
  translate(input: Uint8Array): Translation {
    const translation: Translation = { events: [], rejected: [] };
    for (const block of blocksIn(input)) {
      const drafted = block.ok ? draftOf(block.properties) : { kind: 'rejected' as const, reason: block.reason };
      if (drafted.kind === 'draft') translation.events.push(drafted.draft);
      if (drafted.kind === 'rejected') translation.rejected.push({ where: block.where, reason: drafted.reason });
    }
    return translation;
  },
};
