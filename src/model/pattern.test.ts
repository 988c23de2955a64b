import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from './pattern.ts';

function matches(source: string, text: string): boolean {
  const compiled = compilePattern(source);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.pattern.test(text);
}

describe('compilePattern', () => {
  it.each([
    ['', 'abc', true],
    ['b', 'abc', true],
    ['^b', 'abc', false],
    ['^abc$', 'abc', true],
    ['^abc$', 'abc\n', false],
    ['(?m)^b$', 'a\nb\nc', true],
    ['a.c', 'a\nc', false],
    ['(?s)a.c', 'a\nc', true],
    ['(?i)HELLO', 'say hello', true],
    ['(?i:H)ello', 'hELLO', false],
    ['^(job|task)/\\d{2,3}$', 'task/123', true],
    ['^(job|task)/\\d{2,3}$', 'task/1', false],
    ['\\bfail(ed|ure)?\\b', 'it failed.', true],
    ['\\bfail\\b', 'failing', false],
    ['[^a-c]', 'abc', false],
    ['[]x]', ']', true],
    ['[a\\-z]', '-', true],
    ['[[:digit:]]+', 'x1', true],
    ['^\\p{L}+$', 'größe', true],
    ['\\p{Greek}', 'λ', true],
    ['\\x41\\x{1F600}', 'A\u{1f600}', true],
    ['^.$', '\u{1f600}', true],
    ['(?P<year>\\d+)', '2026', true],
    ['a{,2}', 'a{,2}', true],
    ['(a*)*$', 'b', true],
  ])('%j on %j', (source, text, expected) => {
    expect(matches(source, text)).toBe(expected);
  });

  it.each(['(', ')', '[a', '*a', 'a**', '\\1', '(?=a)', '(?<!a)', 'a{2000}', '((a{50}){50}){50}', '[z-a]', '\\', '\\p{Nope}'])(
    'refuses %j',
    (source) => {
      expect(compilePattern(source).ok).toBe(false);
    },
  );

  it('agrees with the engine of JavaScript on what both know', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', '\\b', '^', '$');
    const { pattern } = fc.letrec<{ pattern: string; unit: string }>((tie) => ({
      pattern: fc.array(tie('unit'), { maxLength: 4 }).map((units) => units.join('')),
      unit: fc.oneof(
        { maxDepth: 3 },
        atom,
        tie('pattern').map((p) => `(?:${p})*`),
        tie('pattern').map((p) => `(${p})?`),
        fc.tuple(tie('pattern'), tie('pattern')).map(([p, q]) => `(${p}|${q})`),
        tie('pattern').map((p) => `(?:${p}){1,2}`),
      ),
    }));
    fc.assert(
      fc.property(pattern, fc.string({ unit: fc.constantFrom('a', 'b', '1', ' ', '\n'), maxLength: 8 }), (source, text) => {
        expect(matches(source, text)).toBe(new RegExp(source, 'u').test(text));
      }),
      { numRuns: 2000 },
    );
  });
});
