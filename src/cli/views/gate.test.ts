import { expect, it } from 'vitest';
import type { GateAnswer } from '../../run/gate/answer.ts';
import { gateText } from './gate.ts';

const ANSWER: GateAnswer = {
  open: true,
  posture: 'notify',
  subject: 'agent/a',
  action: 'deploy',
  exempt: false,
  held: [],
  warnings: ['documents are not valid'],
  hints: ['rgov validate'],
};

it('what is open is not said to be opened by anything', () => {
  const text = (open: boolean): string => gateText({ ...ANSWER, open }, (_style, words) => words);
  expect(text(true)).toContain('mends it: rgov validate');
  expect(text(false)).toContain('opens it: rgov validate');
});
