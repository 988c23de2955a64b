import fc from 'fast-check';

/** Put into every place of a sample, one by one. */
export const HOSTILE_VALUES: unknown[] = [
  null,
  '',
  '\u0000',
  '\u001b]0;owned\u0007\u001b[2J',
  '../../etc/passwd',
  'a\u202eb\u2066c',
  '\ud800',
  'x'.repeat(5000),
  -1,
  1e308,
  0.5,
  Number.MAX_SAFE_INTEGER,
  true,
  [],
  {},
  [null, [null]],
  { tasks: [{}], ok: false },
  JSON.parse(`${'['.repeat(70)}${']'.repeat(70)}`),
];
/** Spliced into texts. */
export const HOSTILE_TEXTS = HOSTILE_VALUES.filter((value) => typeof value === 'string');

export type Step = { at: number; how: 'replace' | 'splice' | 'delete' | 'rename' | 'repeat'; value: unknown; key: string };

/** Every place in a JSON document that holds a value, parents first. */
export function placesIn(value: unknown, into: { holder: Record<string, unknown> | unknown[]; key: string }[] = []): typeof into {
  if (typeof value !== 'object' || value === null) return into;
  for (const key of Object.keys(value)) {
    into.push({ holder: value as Record<string, unknown>, key });
    placesIn((value as Record<string, unknown>)[key], into);
  }
  return into;
}

/** A text with something put into the middle of it; anything else as it is. */
function spliced(old: unknown, { at, value }: Step): unknown {
  if (typeof old !== 'string') return old;
  const middle = at % (old.length + 1);
  return `${old.slice(0, middle)}${typeof value === 'string' ? value.slice(0, 40) : '\u0007'}${old.slice(middle)}`;
}

export function mutated(document: unknown, steps: readonly Step[]): unknown {
  const root = { document: structuredClone(document) };
  for (const step of steps) {
    const places = placesIn(root);
    const place = places[step.at % places.length];
    if (!place) continue;
    const holder = place.holder as Record<string, unknown>;
    if (step.how === 'splice') holder[place.key] = spliced(holder[place.key], step);
    else if (Array.isArray(holder) && step.how !== 'replace') {
      if (step.how === 'repeat') holder.push(structuredClone(holder[Number(place.key)]));
      else holder.splice(Number(place.key), 1);
    } else if (step.how === 'delete') delete holder[place.key];
    else if (step.how === 'rename' || step.how === 'repeat') {
      Object.defineProperty(holder, step.key, { value: holder[place.key], enumerable: true, configurable: true, writable: true });
      if (step.how === 'rename') delete holder[place.key];
    } else holder[place.key] = structuredClone(step.value);
  }
  return root.document ?? null;
}

const WORDS = [
  ...['running', 'queued', 'succeeded', 'completed', 'failed', 'timed_out', 'cancelled', 'lost', 'unknown', 'ok', 'error', 'cron', 'cli'],
  ...['True', 'False', 'Complete', 'Failed', 'FailureTarget', 'Suspended', 'DeadlineExceeded', 'Job', 'CronJob', 'JobList', 'batch/v1'],
  ...['in_progress', 'success', 'failure', 'neutral', 'skipped', 'stale', 'action_required', 'schedule', '.github/workflows/a.yml'],
  ...['manual', 'canceled', 'canceling', 'job_execution_timeout', 'pipeline', 'build', '2026-11-22 03:07:40 UTC'],
];
const KEYS = [
  'status',
  'completionStatus',
  'detail',
  'deliveryError',
  'label',
  'agentId',
  'endedAt',
  'severity',
  'data',
  'data_base64',
  'Time',
  ...['kind', 'items', 'metadata', 'namespace', 'name', 'uid', 'ownerReferences', 'conditions', 'lastTransitionTime', 'startTime'],
  ...['databaseId', 'id', 'run_attempt', 'conclusion', 'event', 'html_url', 'head_branch', 'path', 'workflow_runs', 'workflow_run', 'updated_at'],
  ...['object_kind', 'object_attributes', 'build_id', 'build_status', 'web_url', 'project', 'ref', 'tag', 'source', 'allow_failure', 'finished_at'],
  '__proto__',
];
export const stepArbitrary = (words: readonly string[] = []): fc.Arbitrary<Step> =>
  fc.record({
    at: fc.nat(),
    how: fc.constantFrom('replace', 'replace', 'splice', 'delete', 'rename', 'repeat'),
    key: fc.oneof(fc.constantFrom(...KEYS, ...words), fc.string({ unit: 'binary', maxLength: 12 })),
    value: fc.oneof(
      fc.constantFrom(...WORDS, ...words),
      fc.constantFrom(...HOSTILE_VALUES),
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.jsonValue(),
    ),
  });
