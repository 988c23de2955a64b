import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileAction } from './cel-gates.ts';
import { plainAnswer } from './gate-shortcut.ts';

const words = fc.constantFrom('deploy', 'tool', 'Bash', 'agent/main', 'agent/', 'a', '', "it's", 'say "x"', 'ä\u{1f600}', 'a//b', 'x && y');
const text = words.map((word) => (word.includes('"') ? `'${word}'` : `"${word}"`));
const term = fc
  .tuple(fc.constantFrom('action', 'subject', 'tool', 'nonsense'), fc.constantFrom(' == ', '==', '.startsWith(', ' != '), text)
  .map(([field, how, word]) => (how === '.startsWith(' ? `${field}.startsWith(${word})` : `${field}${how}${word}`));
const condition = fc
  .array(fc.tuple(term, fc.constantFrom(' && ', '&&', ' || ', '\n&& ')), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.map(([one, joint], i) => one + (i < parts.length - 1 ? joint : '')).join(''));
const about = fc.record({ action: words, subject: words, tool: words, input: fc.constant({}) });

it('what is answered without CEL is what CEL answers', () => {
  let plain = 0;
  fc.assert(
    fc.property(condition, about, (source, asked) => {
      const answer = plainAnswer(source, asked);
      if (answer === undefined) return;
      plain++;
      const compiled = compileAction(source);
      expect(compiled.ok && compiled.evaluate(asked)).toBe(answer);
    }),
    { numRuns: 1000 },
  );
  expect(plain).toBeGreaterThan(100);
});

it.each([
  'true',
  'action == "a" || tool == "b"',
  'action == "a\\u0062"',
  'action == r"a"',
  'action == """a"""',
  "action == 'a' // 'b'",
  '!(action == "a")',
  'input.command == "a"',
  'subject == tool',
  'action == "a" "b"',
  'action == "a" &&',
])('%s is left to CEL', (source) => {
  expect(plainAnswer(source, { action: 'a', subject: 's', tool: 't', input: {} })).toBeUndefined();
});
