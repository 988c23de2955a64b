import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Adapter, ConfirmationDraft } from '../../src/adapters/adapter.ts';
import { ADAPTERS } from '../../src/adapters/registry.generated.ts';
import { API_VERSION } from '../../src/model/artifacts.ts';
import { check } from '../../src/model/check.ts';
import { canonicalEvent, type EventDraft } from '../../src/model/event.ts';
import { parseStrict, serialize } from '../../src/model/json.ts';
import { eventName, parseName } from '../../src/model/names.ts';
import { follows as followsAlert } from './adapters/alertmanager.ts';
import { follows as followsHook } from './adapters/claude-code.ts';
import { follows as followsCloudEvent } from './adapters/cloudevents.ts';
import { confirms as confirmsReport } from './adapters/dsn.ts';
import { follows as followsGitHubRun } from './adapters/github-actions.ts';
import { follows as followsGitLab } from './adapters/gitlab.ts';
import { follows as followsCheck } from './adapters/healthchecks.ts';
import { follows as followsKubernetes } from './adapters/kubernetes.ts';
import { follows as followsTask } from './adapters/openclaw.ts';
import { follows as followsUnit } from './adapters/systemd.ts';

interface Harness {
  /** Inputs of which every part is good. */
  samples: { name: string; bytes: Uint8Array }[];
  /** Whether such a draft may come from that input, told without the adapter's own code; else what is wrong. */
  follows(draft: EventDraft, input: unknown): string | null;
  /** The same of what it says of handoffs, with the bytes as they came. */
  confirms?(draft: ConfirmationDraft, input: Uint8Array): string | null;
  /** The input is text in lines, not JSON: mutated by lines, in which this stands between a name and its value. */
  inLines?: ': ' | '=';
  /** Words and keys that mean something to this adapter, put in by mutations beside those that all are tried with. */
  words?: readonly string[];
}

const noEvents = (draft: EventDraft): string => `no input of this sort is about ${draft.subject}`;

const fixtures = (folder: string, wanted: RegExp): Harness['samples'] =>
  readdirSync(new URL(`../fixtures/${folder}/`, import.meta.url))
    .filter((name) => wanted.test(name))
    .map((name) => ({ name, bytes: readFileSync(new URL(`../fixtures/${folder}/${name}`, import.meta.url)) }));

const GOOD_JSON = /^(?!hostile).*json$/;
const HARNESSES: Record<string, Harness> = {
  openclaw: { samples: fixtures('openclaw', /tasks-list/), follows: followsTask },
  alertmanager: {
    samples: fixtures('alertmanager', GOOD_JSON),
    follows: followsAlert,
    words: [
      'firing',
      'resolved',
      'suppressed',
      '4',
      '0001-01-01T00:00:00Z',
      'alerts',
      'labels',
      'alertname',
      'fingerprint',
      'truncatedAlerts',
      'receiver',
    ],
  },
  'claude-code': {
    samples: fixtures('claude-code', GOOD_JSON),
    follows: followsHook,
    words: ['Stop', 'SessionEnd', 'PreToolUse', 'Notification', 'idle_prompt', 'other', 'session_id', 'prompt_id', 'hook_event_name', 'agent_type'],
  },
  cloudevents: { samples: fixtures('cloudevents', /json$/), follows: followsCloudEvent },
  dsn: { samples: fixtures('dsn', /^(delivered|bounced|relayed)/), follows: noEvents, confirms: confirmsReport, inLines: ': ' },
  healthchecks: {
    samples: fixtures('healthchecks', GOOD_JSON),
    follows: followsCheck,
    words: [
      'up',
      'down',
      'grace',
      'new',
      'paused',
      'started',
      'start',
      'success',
      'fail',
      'log',
      'ign',
      'check',
      'checks',
      'pings',
      'slug',
      'uuid',
      'type',
      'n',
    ],
  },
  systemd: {
    samples: fixtures('systemd', /^(?!hostile).*txt$/),
    follows: followsUnit,
    inLines: '=',
    words: [
      'success',
      'timeout',
      'failed',
      'inactive',
      'active',
      'activating',
      'exited',
      'not-found',
      '0',
      '1',
      'other.service',
      '\n',
      'a\n\nId=other.service',
    ],
  },
  'github-actions': { samples: fixtures('github-actions', /^(api|gh|webhook)/), follows: followsGitHubRun },
  gitlab: { samples: fixtures('gitlab', /^(api|webhook)/), follows: followsGitLab },
  kubernetes: { samples: fixtures('kubernetes', /^(cronjob|job|list)/), follows: followsKubernetes },
};
const NOW_MS = Date.UTC(2026, 10, 22, 3);

/** What must be true of every draft, wherever it came from. */
function expectSound(draft: EventDraft): void {
  const event = canonicalEvent(draft, NOW_MS);
  expect(check('event', event)).toBeNull();
  expect(parseName(eventName(event))).toMatchObject({ time_ms: Date.parse(event.time), day: event.time.slice(0, 10) });
  expect(parseStrict(serialize(event))).toEqual({ ok: true, value: event });
}

/** Translates, and holds the adapter to what it promises of any input at all. */
function translate(adapter: Adapter, input: Uint8Array): EventDraft[] {
  const copy = Uint8Array.from(input);
  const { events, rejected, confirmations } = adapter.translate(input);
  expect(Buffer.compare(input, copy)).toBe(0);
  expect(adapter.translate(copy)).toEqual({ events, rejected, ...(confirmations ? { confirmations } : {}) });
  events.forEach(expectSound);
  for (const draft of confirmations ?? []) {
    expect(check('confirmation', { apiVersion: API_VERSION, kind: 'Confirmation', ...draft })).toBeNull();
    const { confirms } = HARNESSES[adapter.name] as Harness;
    expect(confirms, `add confirms() of ${adapter.name} to HARNESSES`).toBeDefined();
    expect(confirms?.(draft, input)).toBeNull();
  }
  for (const { where, reason } of rejected) {
    expect(where).toMatch(/^[\w .[\]]+$/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no reason may carry one of these to a terminal
    expect(reason).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(reason.length).toBeGreaterThan(0);
    expect(reason.length).toBeLessThan(2000);
  }
  return events;
}

const HOSTILE: Record<string, string | Uint8Array> = {
  empty: '',
  blank: ' \n\t\r\n ',
  'not UTF-8': Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d),
  'a NUL': '\u0000',
  'UTF-16': Buffer.from('{"tasks":[]}', 'utf16le'),
  'truncated JSON': '{"tasks":[{"taskId":"a","status":"fail',
  'nested 100,000 deep': `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  'objects nested 100,000 deep': `${'{"tasks":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
  'duplicate keys': '{"tasks":[],"tasks":[{"taskId":"a"}]}',
  __proto__: '{"__proto__":{"tasks":[]},"specversion":"1.0"}',
  constructor: '{"tasks":[{"constructor":{"prototype":{}}}]}',
  'a number beyond a double': '{"tasks":[{"taskId":"a","status":"failed","endedAt":1e999}]}',
  'a huge string': JSON.stringify({ tasks: [{ taskId: 'a', status: 'x'.repeat(5_000_000), endedAt: 1 }] }),
  'a huge key': JSON.stringify({ ['k'.repeat(5_000_000)]: 1, specversion: '1.0' }),
  'a list of nulls': JSON.stringify(Array(50).fill(null)),
  'tasks that are nulls': JSON.stringify({ tasks: Array(50).fill(null) }),
  'many blank lines': '\n'.repeat(100_000),
  'a string': '"tasks"',
  'a number': '1',
  null: 'null',
};

/** Put into every place of a sample, one by one. */
const HOSTILE_VALUES: unknown[] = [
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
const HOSTILE_TEXTS = HOSTILE_VALUES.filter((value) => typeof value === 'string');

/** Places of one sample that are tried with every hostile value. */
const PLACES_MAX = 60;

type Step = { at: number; how: 'replace' | 'splice' | 'delete' | 'rename' | 'repeat'; value: unknown; key: string };

/** Every place in a JSON document that holds a value, parents first. */
function placesIn(value: unknown, into: { holder: Record<string, unknown> | unknown[]; key: string }[] = []): typeof into {
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

function mutated(document: unknown, steps: readonly Step[]): unknown {
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
const stepArbitrary = (words: readonly string[] = []): fc.Arbitrary<Step> =>
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

/** A stream of lines as the list of its documents. */
const documentOf = ({ bytes }: Harness['samples'][number], inLines?: Harness['inLines']): unknown => {
  if (inLines) return Buffer.from(bytes).toString();
  const whole = parseStrict(bytes);
  if (whole.ok) return whole.value;
  const lines = Buffer.from(bytes).toString().split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line));
};

describe.each(Object.entries(ADAPTERS))('the adapter %s', async (name, load) => {
  const adapter = await load();
  const harness = HARNESSES[name] as Harness;

  test('has samples here, and says its name', () => {
    expect(harness, `add samples of ${name} to HARNESSES`).toBeDefined();
    expect(harness.samples.length).toBeGreaterThan(0);
    expect(adapter.name).toBe(name);
    expect(adapter.summary).toMatch(/^\S.{10,120}$/);
  });

  test.each(harness?.samples ?? [])('reads all of $name, the same way every time', (sample) => {
    expect(adapter.translate(sample.bytes).rejected).toEqual([]);
    const input = documentOf(sample, harness.inLines);
    const drafts = translate(adapter, sample.bytes);
    for (const draft of drafts) expect(harness.follows(draft, input)).toBeNull();
    const identities = drafts.map((draft) => `${draft.source}\n${draft.id}`);
    expect(new Set(identities).size).toBe(identities.length);
  });

  test.each(Object.entries(HOSTILE))('survives %s', (_, input) => {
    expect(translate(adapter, typeof input === 'string' ? Buffer.from(input) : input)).toEqual([]);
  });

  test.skipIf(harness?.inLines !== undefined)('survives a hostile value in any place of a sample', () => {
    for (const sample of harness.samples) {
      const document = documentOf(sample);
      const untouched = new Set(adapter.translate(sample.bytes).events.map((draft) => JSON.stringify(draft)));
      const places = placesIn({ document }).length;
      // Large samples repeat themselves: an odd stride visits every field of some task, not every task.
      const stride = places > PLACES_MAX ? Math.ceil(places / PLACES_MAX) | 1 : 1;
      for (let at = 0; at < places; at += stride) {
        for (const value of HOSTILE_VALUES) {
          const input = (mutated({ document }, [{ at: at + 1, how: 'replace', value, key: '' }]) as { document: unknown }).document;
          const drafts = adapter.translate(Buffer.from(JSON.stringify(input))).events;
          for (const draft of drafts.filter((one) => !untouched.has(JSON.stringify(one)))) {
            expectSound(draft);
            expect(harness.follows(draft, input)).toBeNull();
          }
        }
      }
    }
  });

  test.skipIf(harness?.inLines !== undefined)('survives any mutation of a sample, and says nothing that the mutated input does not say', () => {
    let translated = 0;
    fc.assert(
      fc.property(fc.constantFrom(...harness.samples), fc.array(stepArbitrary(harness?.words), { minLength: 1, maxLength: 8 }), (sample, steps) => {
        const document = mutated(documentOf(sample), steps);
        const drafts = translate(adapter, Buffer.from(JSON.stringify(document) ?? 'null'));
        // What was read is what was written: -0 and NaN are not JSON.
        const input = JSON.parse(JSON.stringify(document) ?? 'null');
        for (const draft of drafts) expect(harness.follows(draft, input)).toBeNull();
        translated += drafts.length;
      }),
      { numRuns: 1000 },
    );
    // Else the mutations only ever produced rejections, and this test said nothing.
    expect(translated).toBeGreaterThan(250);
  });

  test.runIf(harness?.inLines !== undefined)(
    'survives lines that were changed, moved, doubled or lost, and says nothing that they do not say',
    () => {
      const edit = fc.record({
        at: fc.nat(),
        to: fc.nat(),
        how: fc.constantFrom('lose', 'double', 'move', 'value', 'value'),
        value: fc.oneof(fc.constantFrom(...HOSTILE_TEXTS, ...(harness?.words ?? [])), fc.string({ unit: 'binary' })),
      });
      const mark = harness?.inLines ?? ': ';
      const valueOnLine = new RegExp(`${mark.trim()}.*|$`);
      let translated = 0;
      fc.assert(
        fc.property(fc.constantFrom(...(harness?.samples ?? [])), fc.array(edit, { minLength: 1, maxLength: 6 }), (sample, edits) => {
          const lines = Buffer.from(sample.bytes).toString().split('\n');
          for (const { at, to, how, value } of edits) {
            const [line = ''] = lines.splice(at % lines.length, how === 'double' ? 0 : 1);
            if (how === 'value')
              lines.splice(
                at % (lines.length + 1),
                0,
                line.replace(valueOnLine, () => `${mark}${value}`),
              );
            else if (how !== 'lose') lines.splice(to % (lines.length + 1), 0, how === 'double' ? (lines[at % lines.length] ?? '') : line);
          }
          const input = Buffer.from(lines.join('\n'));
          for (const draft of translate(adapter, input)) expect(harness?.follows(draft, input)).toBeNull();
          const { events, confirmations = [] } = adapter.translate(input);
          translated += events.length + confirmations.length;
        }),
        { numRuns: 2000 },
      );
      expect(translated).toBeGreaterThan(250);
    },
  );

  test('survives bytes that were changed, cut or repeated', () => {
    const edit = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.nat(40) });
    fc.assert(
      fc.property(fc.constantFrom(...harness.samples), fc.array(edit, { minLength: 1, maxLength: 5 }), (sample, edits) => {
        let bytes = Buffer.from(sample.bytes);
        for (const { at, byte, cut } of edits) {
          const start = at % bytes.length;
          bytes = Buffer.concat([bytes.subarray(0, start), Buffer.of(byte), bytes.subarray(start + cut)]);
        }
        translate(adapter, bytes);
      }),
      { numRuns: 500 },
    );
  });
});
