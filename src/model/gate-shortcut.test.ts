import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileAction, compileNotices } from './cel-gates.ts';
import { plainAnswer, plainNotices } from './gate-shortcut.ts';
import { SEVERITIES } from './severities.ts';

const words = fc.constantFrom('deploy', 'tool', 'Bash', 'agent/main', 'agent/', 'a', '', "it's", 'say "x"', 'ä\u{1f600}', 'a//b', 'x && y');
const text = words.map((word) => (word.includes('"') ? `'${word}'` : `"${word}"`));
const term = fc
  .tuple(fc.constantFrom('action', 'subject', 'tool', 'nonsense'), fc.constantFrom(' == ', '==', '.startsWith(', ' != '), text)
  .map(([field, how, word]) => (how === '.startsWith(' ? `${field}.startsWith(${word})` : `${field}${how}${word}`));
/** What only CEL can answer, and what goes wrong in it. */
const other = fc.constantFrom(
  'input.command.contains("make")',
  'size(tool) > 4',
  'true || false',
  'input.n > 1 ? true : false',
  'tool in ["Bash"]',
  'input.gone == 1',
);
const condition = fc
  .array(fc.tuple(fc.oneof({ weight: 4, arbitrary: term }, { weight: 1, arbitrary: other }), fc.constantFrom(' && ', '&&', ' || ', '\n&& ')), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.map(([one, joint], i) => one + (i < parts.length - 1 ? joint : '')).join(''));
const about = fc.record({ action: words, subject: words, tool: words, input: fc.constantFrom({}, { command: 'make deploy', n: 2 }) });

it('what is answered without CEL is what CEL answers', () => {
  let plain = 0;
  let early = 0;
  fc.assert(
    fc.property(condition, about, (source, asked) => {
      const answer = plainAnswer(source, asked);
      if (answer === undefined) return;
      plain++;
      if (/input|size|in \[/.test(source)) early++;
      const compiled = compileAction(source);
      expect(compiled.ok && compiled.evaluate(asked)).toBe(answer);
    }),
    { numRuns: 3000 },
  );
  expect(plain).toBeGreaterThan(300);
  expect(early).toBeGreaterThan(50);
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
  'action == "b" && ',
  'action == "b" && tool == "t" || true',
])('%s is left to CEL', (source) => {
  expect(plainAnswer(source, { action: 'a', subject: 's', tool: 't', input: {} })).toBeUndefined();
});

it.each([
  'true',
  "severity >= 'error'",
  'severity<"warning"',
  ' severity == "critical" ',
  "severity != 'info'",
  "severity > 'info'",
  "severity <= 'error'",
])('of notices, %s is answered as CEL answers it', (source) => {
  const compiled = compileNotices(source);
  for (const severity of SEVERITIES) {
    const notice = { severity, subject: '', eventType: '', rule: '', target: '', actor: '' };
    expect(plainNotices(source)?.(notice)).toBe(compiled.ok && compiled.evaluate(notice));
  }
});

it.each(['false', "'error' <= severity", "severity >= 'errror'", "severity >= 'error' && target == 'x'", 'subject == actor'])(
  'of notices, %s is left to CEL',
  (source) => {
    expect(plainNotices(source)).toBeUndefined();
  },
);
