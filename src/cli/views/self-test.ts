import type { SelfTestReport, ShellReport } from '../../run/gate/self-test.ts';
import type { Paint } from '../terminal.ts';

const WORDS = {
  fires: ['green', 'fires'],
  does_not_fire: [['bold', 'red'], 'does not fire'],
  not_installed: ['dim', 'not installed'],
} as const;

/** A line for each installation; below one that does not fire, why, and what mends it. */
export function selfTestText({ shells }: SelfTestReport, paint: Paint): string {
  const width = Math.max(...Object.values(WORDS).map(([, word]) => word.length));
  return shells.flatMap((shell) => linesOf(shell, width, paint)).join('\n');
}

function linesOf({ shell, status, where, why, mend, notes }: ShellReport, width: number, paint: Paint): string[] {
  const [style, word] = WORDS[status];
  const head = `${paint(style as Parameters<Paint>[0], word.padEnd(width))}  ${shell}${where === '' ? '' : `  ${paint('reset', where)}`}`;
  const indent = ' '.repeat(width + 2);
  return [
    head,
    ...(why === '' ? [] : [`${indent}${paint('reset', why)}`]),
    ...notes.map((note) => `${indent}${paint('dim', note)}`),
    ...(mend === '' ? [] : [`${indent}${paint('dim', status === 'not_installed' ? 'install:' : 'mend:')} ${paint('reset', mend)}`]),
  ];
}
