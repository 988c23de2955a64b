import { printable } from '../../model/text.ts';
import { shellWord } from '../../run/activate/quote.ts';
import type { HookVerdict } from '../../run/gate/claude-code.ts';
import type { Paint } from '../terminal.ts';
import { heldLines } from './gate.ts';

const plain: Paint = (_style, text) => printable(text);

/** For the model that is held back, or, where nothing is, for whoever reads the log. `program` is what it may call, as words of a shell. */
export function hookText({ block, about, answer, trouble }: HookVerdict, program: string): string {
  if (trouble !== null) return troubleLines(block, trouble, program).join('\n');
  if (answer === null || about === null) return '';
  if (!block) return answer.warnings.map((warning) => `rgov gate: warning: ${warning}`).join('\n');
  const what = about.action === 'stop' ? 'You may not end your turn yet' : `${about.tool} is held back`;
  return [
    `${what}, by a gate of this workspace (rgov). You are ${about.subject}.`,
    ...answer.warnings.map((warning) => `Nobody can tell whether it may go on: ${warning}`),
    ...answer.held.flatMap((gate) => heldLines(gate, plain)),
    ...(answer.hints.length === 0 ? [] : ['What opens it:', ...answer.hints.map((hint) => `  ${hintLine(hint, program)}`)]),
    ...reportLines(program, about.subject),
  ].join('\n');
}

function hintLine(hint: string, program: string): string {
  const command = hint.replace(/^rgov(?= )/, program);
  return /^rgov (reconcile|explain)/.test(hint) ? `${command}   (you may run this)` : `${command}   (for a human: tell them, and wait)`;
}

const reportLines = (program: string, subject: string): string[] => [
  'You may always report and look, each as a command of its own:',
  `  ${program} report blocked --subject ${shellWord(subject)} --summary "what you wait for"`,
  `  ${program} status`,
  'Do not look for a way around it.',
];

function troubleLines(block: boolean, { message, hint }: NonNullable<HookVerdict['trouble']>, program: string): string[] {
  return [
    `rgov gate: ${block ? 'held back, as nobody can tell whether it may go on' : 'warning'}: ${message}`,
    ...(hint === undefined ? [] : [`  hint: ${hint}`]),
    ...(block ? [`You may always report, as a command of its own: ${program} report blocked --subject YOU --summary "..."`] : []),
  ];
}
