import type { Notice } from '../../model/artifacts.ts';
import { EVIDENCE_LADDER, type EvidenceLevel } from '../../model/evidence.ts';
import { parseStrict } from '../../model/json.ts';
import { boundedDelay_ms } from '../retry-after.ts';

/** What the last line of JSON on a command's standard output says. */
export type Statement =
  | { says: 'evidence'; level: EvidenceLevel; reference: string; detail?: string }
  | { says: 'custody'; who: string; detail?: string }
  /** Nothing that counts; `problem` where something was meant to. */
  | { says: 'nothing'; problem?: string };

export function readStatement(stdout: string, notice: Notice): Statement {
  const line = lastJsonLine(stdout);
  if (line === undefined) return { says: 'nothing' };
  // A command that prints the message would let whoever wrote the message vouch for its delivery.
  if (notice.text.includes(line) || notice.title.includes(line))
    return { says: 'nothing', problem: 'its last line of JSON stands in the notice itself' };
  const parsed = parseStrict(line);
  if (!parsed.ok) return { says: 'nothing', problem: `its last line of JSON cannot be read: ${parsed.detail}` };
  const said = parsed.value as Record<string, unknown>;
  const detail = typeof said['detail'] === 'string' ? { detail: said['detail'] } : {};
  if ('evidence' in said) {
    const { evidence, reference } = said;
    if (!isLevel(evidence)) return { says: 'nothing', problem: `it claims the evidence ${JSON.stringify(evidence)}, which is none` };
    if (typeof reference !== 'string' || reference.trim() === '')
      return { says: 'nothing', problem: `it claims the evidence ${evidence} without a reference` };
    return { says: 'evidence', level: evidence, reference, ...detail };
  }
  if ('custody' in said) {
    const { custody } = said;
    if (typeof custody !== 'string' || custody.trim() === '') return { says: 'nothing', problem: 'it names custody, but not whose' };
    return { says: 'custody', who: custody, ...detail };
  }
  return { says: 'nothing', problem: 'its last line of JSON names neither evidence nor custody' };
}

/** The delay that a command asks for with a last line like `{"retryAfter": 30}`, in seconds there, in milliseconds here. */
export function readRetryAfter_ms(stdout: string): number | undefined {
  const parsed = parseStrict(lastJsonLine(stdout) ?? '{}');
  return parsed.ok ? boundedDelay_ms((parsed.value as Record<string, unknown>)['retryAfter']) : undefined;
}

function lastJsonLine(stdout: string): string | undefined {
  return stdout
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line.startsWith('{'));
}

function isLevel(value: unknown): value is EvidenceLevel {
  return typeof value === 'string' && value !== 'none' && (EVIDENCE_LADDER as readonly string[]).includes(value);
}
