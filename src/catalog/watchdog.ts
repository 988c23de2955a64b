import type { RuntimeBinding } from '../model/artifacts.ts';
import type { Heartbeat, PassSchedule } from '../model/catalog.ts';
import { compileSchedule } from '../model/schedule.ts';
import { parseDurationMs } from '../model/time.ts';
import { DEFAULT_TIMEZONE } from './expectations.ts';
import { longestGap_ms } from './schedule-gaps.ts';

type Spec = RuntimeBinding['spec'];

const MINUTE_MS = 60_000;
/** Where nobody says how often a pass is meant to run. */
const DEFAULT_GAP_MS = 60 * MINUTE_MS;
/** A pass or two may fail to run before anybody should be told. */
const PAUSES = 3;
const DEFAULT_HEARTBEAT_MS = MINUTE_MS;

/** The longest time between two passes if all goes by the schedule; null if it does not say. */
export function longestPause_ms({ every, cron, timezone = DEFAULT_TIMEZONE }: NonNullable<Spec['schedule']>): number | null {
  if (every !== undefined) return parseDurationMs(every);
  if (cron === undefined) return null;
  const compiled = compileSchedule(cron, timezone);
  const gap_ms = compiled.ok ? longestGap_ms(compiled.schedule) : 0;
  return gap_ms > 0 ? gap_ms : null;
}

/** How often a pass is meant to run. */
export function scheduleOfPasses({ schedule }: Spec): PassSchedule | null {
  if (schedule?.every !== undefined) return { kind: 'every', every_ms: parseDurationMs(schedule.every) ?? DEFAULT_GAP_MS };
  return schedule?.cron === undefined ? null : { kind: 'cron', cron: schedule.cron, timezone: schedule.timezone ?? DEFAULT_TIMEZONE };
}

/** After how long without a complete pass the watchdog says that it was away. */
export function gapAfter_ms({ schedule }: Spec): number {
  if (schedule === undefined) return DEFAULT_GAP_MS;
  if (schedule.gapAfter !== undefined) return parseDurationMs(schedule.gapAfter) ?? DEFAULT_GAP_MS;
  const pause_ms = longestPause_ms(schedule);
  return pause_ms === null ? DEFAULT_GAP_MS : Math.max(MINUTE_MS, PAUSES * pause_ms);
}

export function heartbeatOf({ heartbeat }: Spec): Heartbeat | null {
  if (heartbeat === undefined) return null;
  const every_ms = (heartbeat.every === undefined ? null : parseDurationMs(heartbeat.every)) ?? DEFAULT_HEARTBEAT_MS;
  if (heartbeat.url !== undefined) return { kind: 'url', to: heartbeat.url, every_ms };
  return heartbeat.file === undefined ? null : { kind: 'file', to: heartbeat.file, every_ms };
}
