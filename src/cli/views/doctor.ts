import type { CheckResult } from '../../run/doctor/check.ts';
import type { DoctorReport } from '../../run/doctor/index.ts';
import type { Paint } from '../terminal.ts';
import { plural } from './pass.ts';

const WIDTH = 13;

/** One line for each check; what is amiss with the way to mend it; and a verdict at the end. */
export function doctorText({ checks }: DoctorReport, paint: Paint): string {
  const findings = checks.flatMap(({ findings: found }) => found).length;
  const verdict = findings === 0 ? paint('green', 'nothing is amiss') : paint(['bold', 'red'], plural(findings, 'finding'));
  return [...checks.flatMap((check) => lines(check, paint)), '', verdict].join('\n');
}

function lines({ check, status, detail, findings }: CheckResult, paint: Paint): string[] {
  const name = check.padEnd(WIDTH);
  if (status === 'ok') return [`${paint('green', 'ok     ')}  ${name}  ${paint('reset', detail)}`];
  if (status === 'skipped') return [`${paint('dim', 'skipped')}  ${name}  ${paint('reset', detail)}`];
  return findings.flatMap(({ problem, mend }) => [
    `${paint(['bold', 'red'], 'amiss  ')}  ${name}  ${paint('reset', problem)}`,
    `${' '.repeat(WIDTH + 11)}${paint('dim', 'mend: ')}${paint('reset', mend)}`,
  ]);
}
