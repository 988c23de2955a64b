import { expect, it } from 'vitest';
import { Layout } from '../store/layout.ts';
import { commitMessage } from './commit-message.ts';

const name = (n: number): string => `20261122T030000.000Z_rule_operator_${String(n).padStart(12, '0')}`;
const event = (n: number): string => `events/2026-11-22/${name(n)}.json`;
const notice = (n: number): string => `queue/2026-11-22/${name(n)}.json`;
const receipt = (n: number, revision: number, status: string): string => `receipts/2026-11-22/${name(n)}.${revision}.${status}.json`;
const of = (...paths: string[]) => commitMessage(new Layout('/nowhere'), paths);

it.each<[string[], string]>([
  [
    [event(1), event(2), event(3), notice(1), notice(2), receipt(1, 1, 'acked'), receipt(2, 1, 'pending_external_send')],
    '3 events, 2 notices: 1 acked, 1 pending',
  ],
  [[event(1)], '1 event'],
  // What became of one notice counts once, by the last word on it.
  [[receipt(1, 1, 'pending_external_send'), receipt(1, 2, 'acked')], '1 acked'],
  [[receipt(1, 1, 'blocked'), receipt(1, 2, 'reopened'), receipt(2, 1, 'acked')], '1 acked, 1 opened again'],
  [['seals/2026-11-21.sha256', 'seals/2026-11-21.sha256.sig'], '2026-11-21 sealed'],
  [['seals/2026-11-20.sha256', 'seals/2026-11-21.sha256', event(1)], '1 event; 2 days sealed'],
  [['seals/2026-11-21.sha256.sig'], '1 signature'],
  [['archives/2026-10-01.tar.gz'], '2026-10-01 archived'],
  [['quarantine/2026-11-22/a', 'quarantine/2026-11-22/a.reason.json'], '1 quarantined'],
  [['quarantine/2026-11-22/a.reason.json'], '1 quarantined'],
  [
    [`decisions/2026-11-22/${name(1)}.json`, `handoffs/2026-11-22/${name(1)}.1.json`, 'subjects/a.json', 'subjects/b.json'],
    '1 decision, 1 attempt, 2 subjects',
  ],
])('counts %j', (paths, subject) => expect(of(...paths)).toEqual({ subject, body: '' }));

it('names each notice that is blocked, and counts what is too much', () => {
  expect(of(receipt(2, 1, 'blocked'), receipt(1, 1, 'blocked')).body).toBe(
    `blocked  ${name(1)}  its receipt cannot be read\nblocked  ${name(2)}  its receipt cannot be read`,
  );
  const lines = of(...Array.from({ length: 60 }, (_, n) => receipt(n, 1, 'blocked'))).body.split('\n');
  expect([lines.length, lines.at(-1)]).toEqual([51, 'and 10 more']);
});
