import { expect, test } from 'vitest';
import { isSubject } from '../model/subject.ts';
import { partOf, subjectOf } from './subject-parts.ts';

test('names that fit are taken as they are', () => {
  expect(subjectOf('job', ['prod', 'nightly-backup'])).toBe('job/prod/nightly-backup');
  expect(subjectOf('ci', ['gitlab.example:8443', 'Täglich', 'a b', 'v1.2+x'])).toBe('ci/gitlab.example:8443/Täglich/a b/v1.2+x');
});

test('no name reaches into the next part, and different names never become the same one', () => {
  const names = [
    'a',
    'a/b',
    'a-b',
    'a//b',
    '../a',
    '..',
    '',
    ' ',
    'a ',
    ' a',
    'a  b',
    'a\u0000b',
    'a\u202eb',
    'a\ud800b',
    'a\ud801b',
    'ä',
    'a\u0308',
    '🚀',
    '-a',
  ];
  names.push('x'.repeat(120), 'x'.repeat(121), 'x'.repeat(122), 'ä'.repeat(200), 'a~0123456789ab', partOf('a/b'), partOf(partOf('a/b')));
  const parts = names.map(partOf);
  expect(new Set(parts).size).toBe(names.length);
  for (const part of parts) {
    expect(isSubject(part), part).toBe(true);
    expect(part).not.toContain('/');
  }
  const splits = [['a', 'b/c'], ['a/b', 'c'], ['a', 'b', 'c'], ['a/b/c']];
  expect(new Set(splits.map((split) => subjectOf('ci', split))).size).toBe(splits.length);
});

test('a subject that is too long is cut, and still that of nobody else', () => {
  const long = (last: string): string => subjectOf('ci', ['h'.repeat(100), 'p'.repeat(100), last]);
  expect(isSubject(long('a'))).toBe(true);
  expect(long('a')).not.toBe(long('b'));
  expect(long('a')).toMatch(/p~[0-9a-f]{12}$/);
  // Where the cut falls on a slash.
  expect(isSubject(subjectOf('ci', ['h'.repeat(120), 'p'.repeat(55), 'x'.repeat(80)]))).toBe(true);
});
