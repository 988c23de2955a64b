import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from './measure.ts';

/** Puts the figures of one benchmark in the place of those of the last time, between the marks of its name in docs/benchmarks.md. */
export function writeDocs(root: string, name: string, machine: string, rows: readonly Row[]): void {
  const path = join(root, 'docs/benchmarks.md');
  const text = readFileSync(path, 'utf8');
  const [start, end] = [`<!-- figures: ${name} -->`, `<!-- end: ${name} -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no place for the figures of ${name}: ${start} ... ${end}`);
  const measured = `Measured ${new Date().toISOString().slice(0, 10)} on ${machine}.`;
  writeFileSync(path, `${text.slice(0, from + start.length)}\n\n${measured}\n\n${markdown(rows)}\n\n${text.slice(to)}`);
}

function markdown(rows: readonly Row[]): string {
  const head: Row = { what: 'what', median: 'median', spread: 'min .. max', ratio: 'ratio', goal: 'goal' };
  const line = ({ what, median, spread, ratio, goal }: Row): string => `| ${[what, median, spread, ratio, goal].map(cell).join(' | ')} |`;
  return [line(head), '| --- | ---: | ---: | --- | --- |', ...rows.map(line)].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/^<=/, '≤').replace(/^>=/, '≥');
