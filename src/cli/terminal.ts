import { styleText } from 'node:util';
import { safeJson } from '../model/json.ts';
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
