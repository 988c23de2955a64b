import { isErrno, RgovError } from '../../model/errors.ts';
import { safeJson } from '../../model/json.ts';
import { oneLine } from '../../model/text.ts';
import { formatDuration } from '../../model/time.ts';
import type { Fact } from '../../run/watch.ts';
import type { Paint } from '../terminal.ts';
import { asRgovError } from './error.ts';
import { plural } from './pass.ts';

/** Problems that one line of text shows; the others are counted. */
const MAX_SHOWN = 10;

const STYLES = {
  started: 'bold',
  raised: 'yellow',
  quarantined: 'red',
  failure: 'red',
  receipt: 'reset',
  sealed: 'green',
  pass: 'dim',
  reloaded: 'bold',
  documents_invalid: 'red',
  pass_failed: 'red',
  heartbeat: 'yellow',
  source: 'yellow',
  watching_limited: 'yellow',
  output_lost: 'yellow',
  stopped: 'bold',
} as const;
const STATUS_STYLES = { acked: 'green', blocked: 'red', pending_external_send: 'yellow' } as const;

/** One JSON object on one line: `at` (RFC 3339), `fact`, and what `Fact` says of it. */
export function factJson(fact: Fact, at_ms: number): string {
  const at = new Date(at_ms).toISOString();
  if (fact.fact !== 'pass_failed') return compact({ at, ...fact });
  const { kind, message, hint } = failureOf(fact.error);
  return compact({ at, fact: fact.fact, kind, message, hint });
}

/** `2026-11-22T12:00:00.000Z receipt  acked  <notice>  evidence_sufficient`. */
export function factText(fact: Fact, at_ms: number, paint: Paint): string {
  return `${new Date(at_ms).toISOString()} ${paint(STYLES[fact.fact], fact.fact)}  ${wordsOf(fact, paint)}`;
}

function wordsOf(fact: Fact, paint: Paint): string {
  const say = (text: string): string => paint('reset', oneLine(text));
  switch (fact.fact) {
    case 'started':
      return say(
        `binding ${fact.binding}, profile ${fact.profile}, posture ${fact.posture}, state ${fact.state}, rescan every ${formatDuration(fact.rescan_ms)}, pid ${fact.pid}, rgov ${fact.version}`,
      );
    case 'raised':
      return say(`${fact.type}  ${fact.subject}  ${fact.event}`);
    case 'quarantined':
      return say(`${fact.path}  ${fact.reason}: ${fact.detail}`);
    case 'failure':
      return say(fact.message);
    case 'receipt':
      return `${paint(STATUS_STYLES[fact.status], fact.status)}  ${say(`${fact.notice}  ${fact.reason}`)}`;
    case 'sealed':
      return `${fact.day}  ${plural(fact.artifacts, 'artifact')}`;
    case 'pass':
      return say(passWords(fact));
    case 'reloaded':
      return say(
        `binding ${fact.binding}, profile ${fact.profile}, posture ${fact.posture}, state ${fact.state}${fact.changed ? '' : ' (as before the invalid edit)'}`,
      );
    case 'documents_invalid':
      return say(`${fact.message}; those that were in force stay in force${problemWords(fact.problems)}`);
    case 'pass_failed': {
      const { message, hint } = failureOf(fact.error);
      return say(`${message}${hint === undefined ? '' : `  (hint: ${hint})`}`);
    }
    case 'source':
      return say(`${fact.source}  ${fact.ok ? 'heard again' : `not heard: ${fact.detail}`}`);
    case 'heartbeat':
      return say(fact.detail);
    case 'watching_limited':
      return say(`${fact.path}: ${fact.message}`);
    case 'output_lost':
      return say(`${plural(fact.lines, 'line')} that nobody took in time`);
    case 'stopped':
      return say(fact.signal);
  }
}

/** `2 events, 1 notice: 1 acked, in 12 ms, woken by bell; next step due 2026-11-22T12:10:00.000Z`. */
function passWords(pass: Extract<Fact, { fact: 'pass' }>): string {
  const counts: [number, string][] = [
    ...Object.entries(pass.receipts).map(([status, n]): [number, string] => [n, status]),
    [pass.deferred, 'to be tried again'],
    [pass.raised, 'raised'],
    [pass.quarantined, 'quarantined'],
    [pass.failures, 'failed'],
  ];
  const outcomes = counts.flatMap(([n, word]) => (n > 0 ? [`${n} ${word}`] : [])).join(', ');
  const done = `${plural(pass.events, 'event')}, ${plural(pass.notices, 'notice')}${outcomes === '' ? '' : `: ${outcomes}`}`;
  return `${done}, in ${pass.duration_ms} ms, woken by ${pass.woken.join(', ')}; next step due ${pass.nextDue ?? 'when something is heard'}`;
}

function problemWords(problems: Extract<Fact, { fact: 'documents_invalid' }>['problems']): string {
  const shown = problems.slice(0, MAX_SHOWN).map(({ file, line, column, message }) => `${line > 0 ? `${file}:${line}:${column}` : file} ${message}`);
  if (problems.length > MAX_SHOWN) shown.push(`and ${problems.length - MAX_SHOWN} more`);
  return shown.length === 0 ? '' : `: ${shown.join('; ')}`;
}

function failureOf(error: unknown): RgovError {
  // A machine that is short of files or memory for a moment has no fault of the program.
  if (isErrno(error, 'ENOMEM', 'ENOENT', 'EAGAIN')) return new RgovError('state_io', error.message, { cause: error });
  return asRgovError(error);
}

/** JSON text escapes newlines, so every one that is left stands between its parts. */
function compact(value: object): string {
  return safeJson(value).replace(/\n */g, '');
}
