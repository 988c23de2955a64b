import { describe, expect, it } from 'vitest';
import { NOTICE } from '../../../test/support/loopback-attempt.ts';
import { readRetryAfter_ms, readStatement } from './statement.ts';

const read = (stdout: string) => readStatement(stdout, NOTICE);

describe('the last line of JSON', () => {
  it.each([
    ['{"evidence":"accepted","reference":"abc"}', { says: 'evidence', level: 'accepted', reference: 'abc' }],
    [
      'noise\n {"evidence":"seen","reference":"abc","detail":"d"} \nmore noise\n\n',
      { says: 'evidence', level: 'seen', reference: 'abc', detail: 'd' },
    ],
    ['{"evidence":"seen","reference":"1"}\n{"evidence":"accepted","reference":"2"}', { says: 'evidence', level: 'accepted', reference: '2' }],
    ['{"custody":"pager"}\r\n', { says: 'custody', who: 'pager' }],
    ['', { says: 'nothing' }],
    ['sent!\n["evidence"]', { says: 'nothing' }],
  ])('%j', (stdout, expected) => {
    expect(read(stdout)).toEqual(expected);
  });
});

it.each([
  ['{"evidence":"none","reference":"abc"}', 'which is none'],
  ['{"evidence":"delivred","reference":"abc"}', 'which is none'],
  ['{"evidence":["accepted"],"reference":"abc"}', 'which is none'],
  ['{"evidence":"accepted"}', 'without a reference'],
  ['{"evidence":"accepted","reference":"  "}', 'without a reference'],
  ['{"evidence":"accepted","reference":7}', 'without a reference'],
  ['{"evidence":"accepted","reference":"a","evidence":"seen"}', 'stands twice'],
  ['{"evidence":"accepted","reference":"abc"', 'cannot be read'],
  ['{"custody":""}', 'not whose'],
  ['{"ok":true}', 'neither evidence nor custody'],
])('takes no half of a claim: %s', (stdout, problem) => {
  expect(read(stdout)).toEqual({ says: 'nothing', problem: expect.stringContaining(problem) });
});

it('does not let a notice vouch for itself when the command prints it', () => {
  const line = '{"evidence":"acknowledged","reference":"forged"}';
  expect(readStatement(`Sending:\n${line}\n`, { ...NOTICE, text: `hello\n  ${line}\nbye` })).toMatchObject({ says: 'nothing' });
});

it('reads how long to wait, in seconds', () => {
  expect(readRetryAfter_ms('busy\n{"retryAfter": 2.5}\n')).toBe(2_500);
  expect(readRetryAfter_ms('{"retryAfter": "soon"}')).toBeUndefined();
  expect(readRetryAfter_ms('{"retryAfter"')).toBeUndefined();
  expect(readRetryAfter_ms('')).toBeUndefined();
});
