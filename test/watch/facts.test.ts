import { describe, expect, it } from 'vitest';
import { factJson, factText } from '../../src/cli/views/fact.ts';
import { RgovError } from '../../src/model/errors.ts';
import { printable } from '../../src/model/text.ts';
import type { Fact } from '../../src/run/watch.ts';
import { OBEYED_BY_TERMINALS } from '../support/cli.ts';

const AT_MS = Date.parse('2026-11-22T12:00:00.000Z');
const EVIL = 'a\u001b]0;owned\u0007\u009b2J\u202eb\r\nstarted  fake\u2028x';
const problem = { file: EVIL, line: 3, column: 5, code: 'yaml_syntax' as const, message: EVIL };
const receipts = { acked: 1, blocked: 0, pending_external_send: 2 };
const counts = { raised: 1, events: 2, notices: 3, attempts: 3, handedOver: 0, deferred: 1, receipts, quarantined: 0, failures: 0, nextDue: null };

/** One of each kind; the compiler names one that is missing. */
const FACTS: { [K in Fact['fact']]: Extract<Fact, { fact: K }> } = {
  started: {
    fact: 'started',
    binding: EVIL,
    profile: EVIL,
    posture: 'notify',
    digest: 'd',
    state: EVIL,
    rescan_ms: 60_000,
    pid: 1,
    version: '1.0.0',
  },
  raised: { fact: 'raised', event: EVIL, type: 'report.overdue', subject: EVIL },
  quarantined: { fact: 'quarantined', path: EVIL, reason: 'not_json', detail: EVIL },
  failure: { fact: 'failure', message: EVIL },
  receipt: { fact: 'receipt', notice: EVIL, status: 'acked', reason: 'evidence_sufficient', target: EVIL },
  sealed: { fact: 'sealed', day: '2026-11-21', artifacts: 5 },
  pass: { fact: 'pass', woken: ['bell', 'due'], duration_ms: 12, ...counts },
  reloaded: { fact: 'reloaded', binding: EVIL, profile: EVIL, posture: 'notify', digest: 'd', state: EVIL, changed: true },
  documents_invalid: { fact: 'documents_invalid', message: EVIL, problems: Array.from({ length: 30 }, () => problem) },
  pass_failed: { fact: 'pass_failed', error: new RgovError('state_io', EVIL, { hint: EVIL }) },
  source: { fact: 'source', source: EVIL, ok: false, detail: EVIL },
  heartbeat: { fact: 'heartbeat', ok: false, detail: EVIL },
  watching_limited: { fact: 'watching_limited', path: EVIL, message: EVIL },
  output_lost: { fact: 'output_lost', lines: 7 },
  stopped: { fact: 'stopped', signal: 'SIGTERM' },
};

describe.each(Object.values(FACTS))('$fact', (fact) => {
  it('is one line of JSON with at and fact, that no terminal obeys', () => {
    const line = factJson(fact, AT_MS);
    expect(line).not.toMatch(OBEYED_BY_TERMINALS);
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toMatchObject({ at: '2026-11-22T12:00:00.000Z', fact: fact.fact });
  });

  it('is one line of text with its time and its kind, that no terminal obeys', () => {
    const line = factText(fact, AT_MS, (_style, text) => printable(text));
    expect(line).not.toMatch(OBEYED_BY_TERMINALS);
    expect(line).not.toContain('\n');
    expect(line.startsWith(`2026-11-22T12:00:00.000Z ${fact.fact}  `)).toBe(true);
  });
});

it('a failed pass says its kind, and what to do', () => {
  expect(JSON.parse(factJson(FACTS.pass_failed, AT_MS))).toEqual({
    at: '2026-11-22T12:00:00.000Z',
    fact: 'pass_failed',
    kind: 'state_io',
    message: EVIL,
    hint: EVIL,
  });
  expect(JSON.parse(factJson({ fact: 'pass_failed', error: new TypeError('x is not a function') }, AT_MS))).toMatchObject({ kind: 'internal' });
});

it('a pass sums up in words', () => {
  expect(factText(FACTS.pass, AT_MS, (_style, text) => text)).toBe(
    '2026-11-22T12:00:00.000Z pass  2 events, 3 notices: 1 acked, 2 pending_external_send, 1 to be tried again, 1 raised, in 12 ms, woken by bell, due; next step due when something is heard',
  );
});

it('many problems do not make an endless line', () => {
  expect(factText(FACTS.documents_invalid, AT_MS, (_style, text) => text)).toMatch(/; and 20 more$/);
});
