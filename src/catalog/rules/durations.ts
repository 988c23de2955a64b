import { parseDurationMs } from '../../model/time.ts';
import type { Declarations } from '../declarations.ts';
import { type Declared, isKind, type Path, valueAt } from '../document.ts';
import type { Problem } from '../problem.ts';

/** Longer attempts would overflow the timers of Node.js, and no sender takes a day. */
const MAX_TIME_LIMIT_MS = 86_400_000;

/** Durations that are zero or longer than can be counted. Their notation is the schema's business. */
export function checkDurations(declarations: Declarations): Problem[] {
  return declarations.documents.flatMap((document) => pathsOf(document).flatMap((path) => check(document, path)));
}

function pathsOf(document: Declared): Path[] {
  if (isKind(document, 'PolicyPack')) {
    return document.value.spec.notify.flatMap((_, index) => [
      ['spec', 'notify', index, 'within'],
      ['spec', 'notify', index, 'dedupe', 'window'],
    ]);
  }
  if (isKind(document, 'SenderBinding')) return senderPaths(['spec']);
  if (isKind(document, 'RuntimeBinding'))
    return Object.keys(document.value.spec.senders ?? {}).flatMap((name) => senderPaths(['spec', 'senders', name]));
  return [];
}

function senderPaths(path: Path): Path[] {
  return [
    [...path, 'timeLimit'],
    [...path, 'retry', 'initial'],
    [...path, 'retry', 'max'],
  ];
}

function check(document: Declared, path: Path): Problem[] {
  const text = valueAt(document.value, path);
  if (typeof text !== 'string') return [];
  const max_ms = path.at(-1) === 'timeLimit' ? MAX_TIME_LIMIT_MS : Number.POSITIVE_INFINITY;
  const duration_ms = parseDurationMs(text);
  if (duration_ms !== null && duration_ms > 0 && duration_ms <= max_ms) return [];
  return [
    document.at(path, {
      code: 'bad_duration',
      message: duration_ms === 0 ? `${String(path.at(-1))} is no time at all` : `${String(path.at(-1))} is too long`,
      expected: Number.isFinite(max_ms) ? 'more than nothing and at most a day' : 'more than nothing and at most ten years',
    }),
  ];
}
