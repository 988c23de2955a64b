import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Adapter, ConfirmationDraft } from '../../../src/adapters/adapter.ts';
import { API_VERSION } from '../../../src/model/artifacts.ts';
import { check } from '../../../src/model/check.ts';
import { canonicalEvent, type EventDraft } from '../../../src/model/event.ts';
import { parseStrict, serialize } from '../../../src/model/json.ts';
import { eventName, parseName } from '../../../src/model/names.ts';
import { follows as followsAlert } from './alertmanager.ts';
import { follows as followsHook } from './claude-code.ts';
import { follows as followsCloudEvent } from './cloudevents.ts';
import { confirms as confirmsReport } from './dsn.ts';
import { follows as followsGitHubRun } from './github-actions.ts';
import { follows as followsGitLab } from './gitlab.ts';
import { follows as followsCheck } from './healthchecks.ts';
import { follows as followsKubernetes } from './kubernetes.ts';
import { follows as followsTask } from './openclaw.ts';
import { follows as followsUnit } from './systemd.ts';

export interface Harness {
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
  readdirSync(new URL(`../../fixtures/${folder}/`, import.meta.url))
    .filter((name) => wanted.test(name))
    .map((name) => ({ name, bytes: readFileSync(new URL(`../../fixtures/${folder}/${name}`, import.meta.url)) }));

const GOOD_JSON = /^(?!hostile).*json$/;
export const HARNESSES: Record<string, Harness> = {
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
export function expectSound(draft: EventDraft): void {
  const event = canonicalEvent(draft, NOW_MS);
  expect(check('event', event)).toBeNull();
  expect(parseName(eventName(event))).toMatchObject({ time_ms: Date.parse(event.time), day: event.time.slice(0, 10) });
  expect(parseStrict(serialize(event))).toEqual({ ok: true, value: event });
}

/** Translates, and holds the adapter to what it promises of any input at all. */
export function translate(adapter: Adapter, input: Uint8Array): EventDraft[] {
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

/** A stream of lines as the list of its documents. */
export const documentOf = ({ bytes }: Harness['samples'][number], inLines?: Harness['inLines']): unknown => {
  if (inLines) return Buffer.from(bytes).toString();
  const whole = parseStrict(bytes);
  if (whole.ok) return whole.value;
  const lines = Buffer.from(bytes).toString().split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line));
};
