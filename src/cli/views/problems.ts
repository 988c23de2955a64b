import type { Problem } from '../../run/validate.ts';
import type { Paint } from '../terminal.ts';

export function isProblemList(details: unknown): details is Problem[] {
  return (
    Array.isArray(details) &&
    details.length > 0 &&
    details.every((item) => typeof item === 'object' && item !== null && 'line' in item && 'file' in item)
  );
}

/** Every problem with its place, the offending line and a caret under it. */
export function problemsText(problems: readonly Problem[], paint: Paint): string {
  return problems.map((problem) => problemText(problem, paint)).join('\n\n');
}

function problemText({ file, line, column, sourceLine, message, expected, suggestion, code }: Problem, paint: Paint): string {
  const gutter = String(line);
  const pad = ' '.repeat(gutter.length);
  // What is missing has no line.
  const place = line > 0 ? `${file}:${line}:${column}` : file;
  const lines = [`${paint('bold', place)}  ${paint('red', message)}  ${paint('dim', `[${code}]`)}`];
  if (sourceLine.trim() !== '') {
    lines.push(`  ${paint('dim', `${gutter} |`)} ${paint('reset', sourceLine)}`);
    lines.push(`  ${paint('dim', `${pad} |`)} ${' '.repeat(Math.max(0, column - 1))}${paint('red', '^')}`);
  }
  if (expected !== undefined) lines.push(`  expected: ${paint('reset', expected)}`);
  if (suggestion !== undefined) lines.push(`  ${paint('cyan', `did you mean ${suggestion}?`)}`);
  return lines.join('\n');
}
