import { parseDurationMs } from '../../model/time.ts';
import type { Declarations } from '../declarations.ts';
import { type Declared, isKind, type Path, valueAt } from '../document.ts';
import { expectationsIn, isExpecting } from '../expectations.ts';
import { rulesIn } from '../pack-rules.ts';
import type { Problem } from '../problem.ts';

/** Longer attempts would overflow the timers of Node.js, and no sender takes a day. */
const MAX_TIME_LIMIT_MS = 86_400_000;
/** Leeway, of which there may be none. */
const MAY_BE_ZERO: readonly unknown[] = ['grace', 'early'];
/** A word that may stand in the place of a duration. */
const START = 'start';

/** Durations that are zero or longer than can be counted. Their notation is the schema's business. */
export function checkDurations(declarations: Declarations): Problem[] {
  return declarations.documents.flatMap((document) => pathsOf(document).flatMap((path) => check(document, path)));
}

function pathsOf(document: Declared): Path[] {
  const expected = isExpecting(document) ? expectationsIn(document).flatMap(({ path }) => expectationPaths(path)) : [];
  if (isKind(document, 'PolicyPack')) return [...expected, ...rulePaths(document), ...gatePaths(document)];
  if (isKind(document, 'SenderBinding')) return senderPaths(['spec']);
  if (!isKind(document, 'RuntimeBinding')) return [];
  return [
    ['spec', 'schedule', 'every'],
    ['spec', 'schedule', 'gapAfter'],
    ['spec', 'heartbeat', 'every'],
    ['spec', 'seal', 'after'],
    ...expected,
    ...Object.keys(document.value.spec.sources ?? {}).flatMap((name) => ['every', 'timeLimit'].map((key) => ['spec', 'sources', name, key])),
    ...Object.keys(document.value.spec.senders ?? {}).flatMap((name) => senderPaths(['spec', 'senders', name])),
  ];
}

function gatePaths({ value }: Declared<'PolicyPack'>): Path[] {
  return (value.spec.gates ?? []).map((_, index) => ['spec', 'gates', index, 'requires', 'within']);
}

function rulePaths(pack: Declared<'PolicyPack'>): Path[] {
  return rulesIn(pack).flatMap(({ escalate = [] }, index) => [
    ['spec', 'notify', index, 'within'],
    ['spec', 'notify', index, 'dedupe', 'window'],
    ...escalate.map((_, step): Path => ['spec', 'notify', index, 'escalate', step, 'after']),
  ]);
}

function expectationPaths(path: Path): Path[] {
  return [...['every', 'within', 'grace', 'early'].map((key) => [...path, key]), [...path, 'produces', 'newerThan'], [...path, 'remind', 'every']];
}

function senderPaths(path: Path): Path[] {
  return [
    [...path, 'timeLimit'],
    [...path, 'retry', 'initial'],
    [...path, 'retry', 'max'],
    [...path, 'breaker', 'pause'],
    [...path, 'rate'],
  ];
}

function check(document: Declared, path: Path): Problem[] {
  const text = valueAt(document.value, path);
  const key = path.at(-1);
  if (typeof text !== 'string' || (key === 'newerThan' && text === START)) return [];
  const max_ms = key === 'timeLimit' ? MAX_TIME_LIMIT_MS : Number.POSITIVE_INFINITY;
  // Of a rate such as 20/1m, what stands behind the stroke.
  const duration_ms = parseDurationMs(key === 'rate' ? (text.split('/')[1] ?? '') : text);
  const tooShort = duration_ms === 0 && !MAY_BE_ZERO.includes(key);
  if (duration_ms !== null && !tooShort && duration_ms <= max_ms) return [];
  const least = MAY_BE_ZERO.includes(key) ? '' : 'more than nothing and ';
  return [
    document.at(path, {
      code: 'bad_duration',
      message: tooShort ? `${String(key)} is no time at all` : `${String(key)} is too long`,
      expected: `${least}at most ${Number.isFinite(max_ms) ? 'a day' : 'ten years'}`,
    }),
  ];
}
