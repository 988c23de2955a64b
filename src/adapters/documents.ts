import { parseStrict } from '../model/json.ts';
import { isObject } from './foreign.ts';

export type Document = { where: string } & ({ ok: true; value: unknown } | { ok: false; reason: string });

/** The JSON documents in the input: the whole of it (structured mode), each element of a list (batch mode), or each line. */
export function documentsIn(input: Uint8Array): Document[] {
  const whole = parseStrict(input);
  if (whole.ok) {
    if (!Array.isArray(whole.value)) return [{ where: 'input', ok: true, value: whole.value }];
    return whole.value.map((value, index) => ({ where: `[${index}]`, ok: true, value }));
  }
  const refused: Document[] = [{ where: 'input', ok: false, reason: whole.detail }];
  // Any other reason is about one JSON document that was understood and refused, not about several.
  if (whole.reason !== 'not_json' && whole.reason !== 'not_utf8') return refused;
  return linesOf(input) ?? refused;
}

/** Each line that is not blank, or null if the lines do not look like one document each. Split as bytes: one bad line spoils no other. */
function linesOf(input: Uint8Array): Document[] | null {
  const lines: Document[] = [];
  let looksLikeObjects = true;
  let start = 0;
  for (let number = 1; start <= input.length; number++) {
    const newline = input.indexOf(0x0a, start);
    const end = newline === -1 ? input.length : newline;
    const bytes = input.subarray(start, end);
    start = end + 1;
    const first = bytes.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0d);
    if (first === undefined) continue;
    if (first !== 0x7b) looksLikeObjects = false;
    const parsed = parseStrict(bytes);
    lines.push({ where: `line ${number}`, ...(parsed.ok ? parsed : { ok: false, reason: parsed.detail }) });
  }
  // A pretty-printed document that was cut off has many lines as well; its reader wants one reason, not one per line.
  const perLine = looksLikeObjects || lines.some((line) => line.ok && isObject(line.value));
  return lines.length > 1 && perLine ? lines : null;
}
