import { formatDuration, parseDurationMs } from '../../model/time.ts';
import type { Declarations } from '../declarations.ts';
import { type Declared, type Path, valueAt } from '../document.ts';
import type { Problem } from '../problem.ts';
import { longestPause_ms } from '../watchdog.ts';

const SCHEDULE: Path = ['spec', 'schedule'];
const HEARTBEAT: Path = ['spec', 'heartbeat'];

/** What a binding says of the watchdog itself: keys that do not go together, and a gap that every pause would be. */
export function checkWatchdog(declarations: Declarations): Problem[] {
  return declarations
    .all('RuntimeBinding')
    .flatMap((binding) => [
      ...exactlyOne(binding, SCHEDULE, ['every', 'cron']),
      ...exactlyOne(binding, HEARTBEAT, ['url', 'file']),
      ...checkTimezone(binding),
      ...checkGap(binding),
    ]);
}

function exactlyOne(binding: Declared<'RuntimeBinding'>, path: Path, keys: readonly [string, string]): Problem[] {
  if (binding.rangeOf(path) === null) return [];
  const name = String(path.at(-1));
  const expected = `one of ${keys.join(', ')}`;
  const present = keys.filter((key) => binding.rangeOf([...path, key]) !== null);
  if (present.length === 2)
    return [binding.atKey([...path, keys[1]], { code: 'wrong_combination', message: `${keys.join(' and ')} cannot stand side by side`, expected })];
  // A key that is refused may be the one that is meant.
  const refused = binding.keysAt(path).some((key) => valueAt(binding.value, [...path, key]) === undefined);
  if (present.length === 1 || refused) return [];
  return [binding.atKey(path, { code: 'missing_key', message: `${name} has neither ${keys.join(' nor ')}`, expected })];
}

function checkTimezone(binding: Declared<'RuntimeBinding'>): Problem[] {
  if (binding.rangeOf([...SCHEDULE, 'timezone']) === null || binding.rangeOf([...SCHEDULE, 'cron']) !== null) return [];
  return [
    binding.atKey([...SCHEDULE, 'timezone'], {
      code: 'wrong_combination',
      message: 'timezone says nothing without cron',
      expected: 'cron beside it',
    }),
  ];
}

function checkGap(binding: Declared<'RuntimeBinding'>): Problem[] {
  const { schedule } = binding.value.spec;
  const gap_ms = schedule?.gapAfter === undefined ? null : parseDurationMs(schedule.gapAfter);
  const pause_ms = schedule === undefined ? null : longestPause_ms(schedule);
  if (gap_ms === null || gap_ms === 0 || pause_ms === null || gap_ms > pause_ms) return [];
  return [
    binding.at([...SCHEDULE, 'gapAfter'], {
      code: 'gap_too_short',
      message: `gapAfter is ${formatDuration(gap_ms)}, and two passes are ${formatDuration(pause_ms)} apart by this schedule, so that every pause would be a gap`,
      expected: `more than ${formatDuration(pause_ms)}`,
    }),
  ];
}
