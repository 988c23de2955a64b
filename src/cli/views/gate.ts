import { EVIDENCE_WORDS } from '../../model/evidence.ts';
import type { GateAnswer, HeldGate } from '../../run/gate/answer.ts';
import type { Paint } from '../terminal.ts';

/** `open` or `closed` first; then what holds it, and what would open it. */
export function gateText({ open, action, subject, exempt, held, warnings, hints }: GateAnswer, paint: Paint): string {
  const verdict = open ? paint('green', 'open') : paint(['bold', 'red'], 'closed');
  const what = `${paint('reset', action)} by ${paint('reset', subject)}${exempt ? ' (the reporting path is never held back)' : ''}`;
  // What is open cannot be opened: its hints are about the warnings.
  const helps = open && held.length === 0 ? 'mends it:' : 'opens it:';
  return [
    `${verdict}  ${what}`,
    ...warnings.map((warning) => `${paint(['bold', 'yellow'], 'warning')}  ${paint('reset', warning)}`),
    ...held.flatMap((gate) => heldLines(gate, paint)),
    ...hints.map((hint) => `  ${paint('dim', helps)} ${paint('reset', hint)}`),
  ].join('\n');
}

export function heldLines({ pack, id, reason, evidence, notices, moreNotices, cannotTell }: HeldGate, paint: Paint): string[] {
  const head = `${paint('yellow', `gate ${pack}/${id}`)}${reason === '' ? '' : `  ${paint('reset', reason)}`}`;
  if (cannotTell !== null) return [head, `  ${paint('reset', cannotTell)}`];
  return [
    head,
    `  opens once it is proved of each: ${EVIDENCE_WORDS[evidence]} (${evidence})`,
    ...notices.map(({ notice, about: { severity, subject }, proved, status }) =>
      paint('reset', `  ${severity}  ${subject}  ${notice}  ${status === 'none' ? 'not out yet' : status}, proved: ${proved}`),
    ),
    ...(moreNotices > 0 ? [`  ... and ${moreNotices} more`] : []),
  ];
}
