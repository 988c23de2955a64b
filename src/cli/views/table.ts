import { stripVTControlCharacters } from 'node:util';
import type { Paint } from '../terminal.ts';

export interface Row {
  /** Painted; as many as there are headings. */
  cells: readonly string[];
  /** Lines below the row, painted. */
  notes?: readonly string[];
}

const GAP = '  ';

/** Columns as wide as their widest cell, and what belongs to a row below it. */
export function tableText(headings: readonly string[], rows: readonly Row[], paint: Paint): string[] {
  const all = [headings, ...rows.map(({ cells }) => cells)];
  const widths = headings.map((_, column) => Math.max(...all.map((cells) => widthOf(cells[column] ?? ''))));
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, column) => cell + ' '.repeat((widths[column] as number) - widthOf(cell)));
    return `  ${padded.join(GAP)}`.trimEnd();
  };
  return [
    line(headings.map((heading) => paint('dim', heading))),
    ...rows.flatMap(({ cells, notes = [] }) => [line(cells), ...notes.map((note) => `      ${note}`)]),
  ];
}

const widthOf = (cell: string): number => stripVTControlCharacters(cell).length;
