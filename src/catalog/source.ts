import { oneLine, truncate } from '../model/text.ts';
import type { Problem } from './problem.ts';
import { maskLine, maskText } from './secret-patterns.ts';

const MAX_LINE_SHOWN = 200;

export type Layer = 'workspace' | 'package';

/** A stretch of a file, in UTF-16 units. */
export interface Range {
  start: number;
  end: number;
}

/** The text of one file of documents, which knows its lines and what must not be shown of them. */
export class Source {
  /** As problems show it. */
  readonly file: string;
  /** Relative to the root of its layer, the same on every machine. */
  readonly name: string;
  readonly layer: Layer;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly #lineStarts: number[] = [0];
  readonly #hidden: Range[] = [];

  constructor(file: { name: string; layer: Layer; bytes: Uint8Array; text: string }) {
    this.name = file.name;
    this.layer = file.layer;
    this.file = file.layer === 'package' ? `package:${file.name}` : file.name;
    this.bytes = file.bytes;
    this.text = file.text;
    for (let at = file.text.indexOf('\n'); at !== -1; at = file.text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1);
  }

  /** Keeps a stretch of the text out of every problem. */
  hide(range: Range): void {
    this.#hidden.push(range);
  }

  problem(offset: number, parts: Pick<Problem, 'code' | 'message' | 'expected' | 'suggestion'>): Problem {
    const at = Math.max(0, Math.min(offset, this.text.length));
    const line = this.#lineAt(at);
    const { code, message, expected, suggestion } = parts;
    return {
      code,
      file: this.file,
      line: line + 1,
      column: at - (this.#lineStarts[line] as number) + 1,
      sourceLine: this.#shownLine(line),
      message: truncate(oneLine(this.#masked(message)), 500),
      ...(expected === undefined ? {} : { expected: truncate(oneLine(this.#masked(expected)), 300) }),
      ...(suggestion === undefined ? {} : { suggestion: oneLine(suggestion) }),
    };
  }

  /** Short texts are left alone: they would be found in every other word. */
  #masked(text: string): string {
    const hidden = this.#hidden
      .map(({ start, end }) => this.text.slice(start, end).replace(/^["']|["']$/g, ''))
      .filter((secret) => secret.length >= 6);
    return hidden.reduce((masked, secret) => masked.replaceAll(secret, '[secret]'), maskText(text));
  }

  #lineAt(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #shownLine(line: number): string {
    const start = this.#lineStarts[line] as number;
    const end = (this.#lineStarts[line + 1] ?? this.text.length + 1) - 1;
    let shown = '';
    let at = start;
    const hidden = this.#hidden.filter((range) => range.start < end && range.end > start).sort((a, b) => a.start - b.start);
    for (const range of hidden) {
      if (range.end <= at) continue;
      shown += `${this.text.slice(at, Math.max(at, range.start))}[secret]`;
      at = range.end;
    }
    shown += this.text.slice(at, Math.max(at, end));
    return truncate(
      maskLine(shown)
        .replace(/\t/g, ' ')
        .replace(/[\r\n]+$/, ''),
      MAX_LINE_SHOWN,
    ).replace(/[^\P{C}]/gu, '\ufffd');
  }
}
