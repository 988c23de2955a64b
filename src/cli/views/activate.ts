import type { ActivateReport, PieceReport } from '../../run/activate/index.ts';
import type { Paint } from '../terminal.ts';
import { plural } from './pass.ts';

const WORDS: Record<PieceReport['found'], string> = {
  same: 'as it should be',
  missing: 'not installed',
  changed: 'differs',
  foreign: 'somebody else put this here',
  leftover: 'left over from before',
  unknown: 'cannot be looked at',
};

/** What it is, each piece with what was found and done, what is still to be run, and a verdict. */
export function activateText(report: ActivateReport, paint: Paint): string {
  const { as, binding, workspace, summary, pieces, next, warnings } = report;
  return [
    `${paint('bold', as)}  binding ${paint('reset', binding)} of ${paint('reset', workspace)}: ${paint('reset', summary)}`,
    ...pieces.flatMap((piece) => ['', ...pieceLines(piece, report, paint)]),
    '',
    ...warnings.map((warning) => `${paint('yellow', 'warning')}  ${paint('reset', warning)}`),
    ...nextLines(report, paint),
    ...(warnings.length + next.length > 0 ? [''] : []),
    verdict(report, paint),
  ].join('\n');
}

function pieceLines({ where, why, text, found, byHand, differences, reason, done }: PieceReport, { mode }: ActivateReport, paint: Paint): string[] {
  const state = done === 'kept' ? WORDS[found] : done;
  const style = done === 'refused' || found === 'unknown' ? 'red' : done === 'kept' && found !== 'same' && mode === 'check' ? 'yellow' : 'green';
  const head = `${paint(['bold', style], state)}  ${paint('reset', where)}${byHand ? ' (edited by hand)' : ''}`;
  const shown =
    mode === 'print'
      ? text
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => `  | ${paint('reset', line)}`)
      : [];
  const differing = mode === 'print' || found === 'leftover' || done === 'written' || done === 'removed' ? [] : differences;
  return [
    head,
    ...(mode === 'print' ? [`  ${paint('dim', 'why:')} ${paint('reset', why)}`] : []),
    ...(reason === null ? [] : [`  ${paint('reset', reason)}`]),
    ...shown,
    ...differing.map((line) => `  ${paint(line.startsWith('+') ? 'green' : line.startsWith('-') ? 'red' : 'dim', line)}`),
  ];
}

function nextLines({ next, mode }: ActivateReport, paint: Paint): string[] {
  if (next.length === 0) return [];
  const head = mode === 'write' || mode === 'remove' ? 'Now run:' : 'After --write, run:';
  return [paint('bold', head), ...next.flatMap(({ command, why }) => [`  ${paint('reset', command)}`, `      ${paint('dim', why)}`])];
}

function verdict({ mode, ok, command, pieces }: ActivateReport, paint: Paint): string {
  const differing = pieces.filter(({ found }) => found !== 'same').length;
  switch (mode) {
    case 'print':
      return differing === 0 ? paint('green', 'it is installed just so') : `nothing was written: ${command} --write   installs it`;
    case 'check':
      if (ok) return paint('green', 'installed as the binding says');
      return `${paint(['bold', 'red'], plural(differing, 'difference'))}: ${command} --write   puts it right`;
    case 'write': {
      if (!ok)
        return `${paint(['bold', 'red'], 'nothing was written')}, as somebody else's work would be lost: ${command} --write --force   replaces it`;
      const written = pieces.filter(({ done }) => done !== 'kept').length;
      return paint('green', written === 0 ? 'it was installed just so; nothing was written' : 'installed');
    }
    case 'remove': {
      if (!ok) return `${paint(['bold', 'red'], 'nothing was removed')}, as it was edited by hand: ${command} --remove --force   removes it`;
      return paint('green', pieces.some(({ done }) => done === 'removed') ? 'removed' : 'nothing of it was installed');
    }
  }
}
