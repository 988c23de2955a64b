import type { GatedAction, GatingNotice } from './cel-gates.ts';
import { SEVERITIES } from './severities.ts';

type Field = 'action' | 'subject' | 'tool';
type Test = { field: Field; kind: 'is' | 'starts'; text: string };

const TEXT = String.raw`(?:"([^"\\\n\r]*)"|'([^'\\\n\r]*)')`;
const TERM = new RegExp(String.raw`\s*(action|subject|tool)\s*(?:==\s*${TEXT}|\.startsWith\(\s*${TEXT}\s*\))\s*(&&|$)`, 'y');
/** Where CEL reads triple quotes or two texts in a row, or letters before a text mean something, it is left to CEL. */
const LEFT_TO_CEL = /""|''|\/\//;

/** In these what stands behind `&&` may decide although what stands before it is false. */
const MAY_OUTWEIGH = /\|\||\?/;

/**
 * What a condition of the plainest kind comes to: comparisons of `action`, `subject` and `tool` with texts, and `startsWith`, joined by `&&`. That is
 * what most gates ask, and answering it needs no CEL, which takes longer to load than everything else. Where one of them is false and something
 * else stands behind it, joined by `&&`, that is not needed either. Undefined for every other condition.
 */
export function plainAnswer(condition: string, about: GatedAction): boolean | undefined {
  const { tests, rest } = testsIn(condition);
  const isTrue = tests.every(({ field, kind, text }) => (kind === 'is' ? about[field] === text : about[field].startsWith(text)));
  if (rest === '') return isTrue;
  return isTrue || MAY_OUTWEIGH.test(rest) ? undefined : false;
}

/** Those that it begins with, and what is left. */
function testsIn(condition: string): { tests: Test[]; rest: string } {
  const tests: Test[] = [];
  let at = 0;
  while (!LEFT_TO_CEL.test(condition)) {
    TERM.lastIndex = at;
    const found = TERM.exec(condition);
    if (found === null) break;
    const [, field, is1, is2, starts1, starts2, joint] = found;
    const is = is1 ?? is2;
    tests.push({ field: field as Field, kind: is === undefined ? 'starts' : 'is', text: is ?? starts1 ?? starts2 ?? '' });
    at = TERM.lastIndex;
    if (joint !== '&&') return { tests, rest: '' };
  }
  // Where nothing is left behind `&&`, CEL has to say what is wrong with it.
  return { tests: condition.slice(at).trim() === '' ? [] : tests, rest: condition.slice(at) || ' ' };
}

const SEVERITY = /^\s*severity\s*(<=|<|>=|>|==|!=)\s*(?:"([a-z]+)"|'([a-z]+)')\s*$/;
const COMPARE: Record<string, (a: number, b: number) => boolean> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

/** The same for a condition on notices: `true`, or one comparison of the severity with a word. */
export function plainNotices(condition: string): ((notice: Pick<GatingNotice, 'severity'>) => boolean) | undefined {
  if (condition.trim() === 'true') return () => true;
  const [, how = '', word1, word2] = SEVERITY.exec(condition) ?? [];
  const compare = COMPARE[how];
  const rank = SEVERITIES.indexOf(word1 ?? word2 ?? '');
  return compare && rank >= 0 ? ({ severity }) => compare(SEVERITIES.indexOf(severity), rank) : undefined;
}
