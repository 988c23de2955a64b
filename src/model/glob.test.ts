import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileSubjectPattern } from './glob.ts';
import { isSubject } from './subject.ts';

function matches(pattern: string, subject: string): boolean {
  const compiled = compileSubjectPattern(pattern);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.matches(subject);
}

describe('a pattern of subjects', () => {
  it.each([
    ['job/nightly-backup', ['job/nightly-backup'], ['job/nightly-backup-2', 'job/Nightly-backup', 'job']],
    ['agent/*', ['agent/main', 'agent/a.b', 'agent/a b'], ['agent', 'agent/main/sub', 'agents/main', 'my/agent/main']],
    ['agent/**', ['agent/main', 'agent/main/sub/sub'], ['agent', 'agents/main']],
    ['**', ['agent', 'agent/main', 'a/b/c'], []],
    ['*/**', ['a/b', 'a/b/c'], ['a']],
    ['job/*ab', ['job/aab', 'job/abab', 'job/\u{20000}\u{20000}ab'], ['job/aba']],
    ['*', ['agent'], ['agent/main']],
    ['**/backup', ['backup', 'job/backup', 'a/b/backup'], ['backup/x', 'mybackup']],
    ['host/**/backup', ['host/backup', 'host/a/backup', 'host/a/b/backup'], ['host/a/backup/b', 'host', 'hostbackup']],
    ['a/**/b/**/c', ['a/b/c', 'a/x/b/b/y/c', 'a/b/b/c'], ['a/c', 'a/b', 'a/b/c/d']],
    ['**/**', ['a', 'a/b', 'a/b/c'], []],
    ['job/n*-b*p', ['job/nightly-backup', 'job/n-bp'], ['job/nightly', 'job/n/x-bp']],
    ['task/12?4', ['task/1234', 'task/12x4', 'task/12ß4', 'task/12\u{20000}4'], ['task/124', 'task/12345', 'task/12/4']],
    ['task/[0-9][0-9]', ['task/12'], ['task/1', 'task/1a', 'task/123']],
    ['task/[!0-9]*', ['task/a1'], ['task/1a']],
    ['task/[^0-9]*', ['task/a1'], ['task/1a']],
    ['task/[a-cx]', ['task/a', 'task/c', 'task/x'], ['task/d', 'task/aa']],
    ['task/x[a-]', ['task/xa', 'task/x-'], ['task/xb']],
    ['task/[ä-ö]', ['task/é'], ['task/a']],
    ['job/a+b,c=d#1~2@3:4', ['job/a+b,c=d#1~2@3:4'], ['job/aab,c=d#1~2@3:4']],
    ['job/a+b*', ['job/a+b', 'job/a+bc'], ['job/aab']],
    ['job/x.*', ['job/x.tar'], ['job/xatar']],
  ])('%s', (pattern, yes, no) => {
    expect([...yes, ...no].every(isSubject)).toBe(true);
    expect(yes.filter((subject) => !matches(pattern, subject))).toEqual([]);
    expect(no.filter((subject) => matches(pattern, subject))).toEqual([]);
  });

  it('is exact without anything special in it', () => {
    const exact = (pattern: string): unknown => compileSubjectPattern(pattern);
    expect(exact('job/a b')).toMatchObject({ ok: true, exact: true });
    for (const pattern of ['job/*', 'job/?', 'job/[a]', '**']) expect(exact(pattern)).toMatchObject({ ok: true, exact: false });
  });

  it('matches every subject as itself, and as the pattern of its parts', () => {
    const part = fc.stringMatching(/^[a-z0-9_ä][a-z0-9_.@:+=,#~ -]{0,8}$/);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const subject = parts.join('/');
        expect(matches(subject, subject)).toBe(true);
        expect(matches(parts.map(() => '*').join('/'), subject)).toBe(true);
        expect(matches(parts.map((text) => `${text[0]}*`).join('/'), subject)).toBe(true);
        expect(matches(`**/${parts.at(-1)}`, subject)).toBe(true);
        expect(matches(parts.map((text) => text.replace(/./gu, '?')).join('/'), subject)).toBe(true);
      }),
    );
  });
});

describe('any pattern', () => {
  it('matches what a regular expression of the same meaning does', () => {
    const part = fc.stringMatching(/^[ab*?]{1,6}$/).filter((text) => !text.includes('**'));
    const subject = fc.array(fc.stringMatching(/^[ab]{1,8}$/), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
    const pattern = fc.array(fc.oneof(part, fc.constant('**')), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(pattern, subject, (parts, text) => {
        const last = parts.length - 1;
        const source = parts.map((one, index) => {
          if (one === '**') return index === last ? '[^/]+(?:/[^/]+)*' : '(?:[^/]+/)*';
          return one.replaceAll('?', '[^/]').replaceAll('*', '[^/]*') + (index === last ? '' : '/');
        });
        expect(matches(parts.join('/'), text)).toBe(new RegExp(`^${source.join('')}$`).test(text));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what can match no subject', () => {
  it.each([
    ['', 'it is empty'],
    ['/x', 'it begins with a slash'],
    ['x/', 'it ends with a slash'],
    ['a//b', 'two slashes follow each other'],
    [' a', 'no part of a subject begins with " "'],
    ['a/ *', 'no part of a subject begins with " "'],
    ['-x', 'no part of a subject begins with "-"'],
    ['a/.*', 'no part of a subject begins with "."'],
    ['[-.]x', 'no part of a subject begins with "-"'],
    ['a(b|c)', 'no subject holds "("'],
    ['{a,b}', 'no subject holds "{"'],
    ['!a', 'no subject holds "!"'],
    ['a\\*', 'no subject holds "\\"'],
    ['a\n', 'no subject holds "\n"'],
    ['a]', 'no subject holds "]"'],
    ['a[b', '"[" is never closed'],
    ['a[b/c]', '"[" is never closed'],
    ['a[]', 'there is nothing between "[" and "]"'],
    ['a[!]', 'there is nothing between "[" and "]"'],
    ['a[z-a]', 'the range "z-a" runs backwards'],
    ['a[(]', 'no subject holds "("'],
    ['agent**', '"**" does not stand alone between slashes'],
    ['a/***', '"**" does not stand alone between slashes'],
    ['x'.repeat(201), 'it is longer than 200 characters'],
    ['*'.repeat(201), 'it is longer than 200 characters'],
  ])('%j: %s', (pattern, message) => {
    expect(compileSubjectPattern(pattern)).toEqual({ ok: false, message });
  });

  it('is told from subjects exactly as the schema tells them', () => {
    for (let code = 1; code < 0x3000; code++) {
      for (const text of [String.fromCodePoint(code), `x${String.fromCodePoint(code)}`]) {
        if (/[*?[\]]/.test(text)) continue;
        expect(compileSubjectPattern(text).ok, text).toBe(isSubject(text));
      }
    }
  });
});

describe('hostile patterns', () => {
  it.each([
    ['*a*a*a*a*a*a*a*a*b', 'a'.repeat(200)],
    [`${'*a'.repeat(99)}*b`, 'a'.repeat(200)],
    ['?*'.repeat(99), `${'a'.repeat(98)}/`],
    [`${'**/a/'.repeat(39)}b`, `${'a/'.repeat(99)}a`],
    [`${'**/*a*a/'.repeat(24)}b`, `${'aaaa/'.repeat(39)}a`],
  ])('%s takes no time', (pattern, subject) => {
    const begun = performance.now();
    for (let n = 0; n < 50; n++) expect(matches(pattern, subject)).toBe(false);
    expect(performance.now() - begun).toBeLessThan(500);
  });
});
