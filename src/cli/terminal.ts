import { styleText } from 'node:util';
import { printable } from '../model/text.ts';

type Style = Parameters<typeof styleText>[0];

/** Colour only on a terminal that wants it (https://no-color.org). */
export function colourIsWanted(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] && env['FORCE_COLOR'] !== '0') return true;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

export type Paint = (style: Style, text: string) => string;

/** Makes text from data safe for a terminal and colours it where that is wanted. */
export function painter(stream: { isTTY?: boolean }): Paint {
  const coloured = colourIsWanted(stream);
  return (style, text) => (coloured ? styleText(style, printable(text)) : printable(text));
}

/** Waits until everything is out: a pipe may take what it gets slowly. A reader that has gone is no failure. */
export function print(text: string, stream: NodeJS.WriteStream = process.stdout): Promise<void> {
  if (text === '') return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('error', () => resolve());
    stream.write(text.endsWith('\n') ? text : `${text}\n`, () => resolve());
  });
}

export function printJson(value: unknown): Promise<void> {
  return print(safeJson(value));
}

// JSON itself escapes C0 controls only; terminals obey C1 controls too, and people read what is reordered or hidden.
const UNSAFE_IN_JSON = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** The same value, with nothing in it that a terminal would obey. */
function safeJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(UNSAFE_IN_JSON, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
