import type { Attempt } from '../model/outcome.ts';
import { truncate } from '../model/text.ts';
import { words } from './outcome-text.ts';

/** How long a message may be, and how it is measured; UTF-16 units where nothing is said. */
export interface MessageLimit {
  max: number;
  measure?: (text: string) => number;
  /** Applied to every part before it is measured: what the receiver's markup needs. */
  escape?: (text: string) => string;
  /** False where the title goes out by itself. */
  withTitle?: boolean;
}

export const MEASURES = {
  units: (text: string): number => text.length,
  characters: (text: string): number => [...text].length,
  bytes: (text: string): number => Buffer.byteLength(text),
};

/**
 * A notice as plain text of at most `max`: its title, its text, the acknowledgement link if there is one, and the tag
 * `[rg:<notice id>]` by which a person or a program finds it again. Only the text is cut, at a grapheme and with a mark;
 * where not even that is enough, the title is.
 */
export function messageText(attempt: Attempt, limit: MessageLimit): string {
  const { measure = MEASURES.units, escape: escaped = (text: string) => text, withTitle = true } = limit;
  const { title, text } = words(attempt.notice);
  const link = attempt.acknowledgeUrl === undefined ? [] : [`Acknowledge: ${attempt.acknowledgeUrl}`];
  const compose = (head: string, body: string): string =>
    [head, body.trimEnd(), ...link, `[rg:${attempt.notice.id}]`]
      .filter((part) => part !== '')
      .map(escaped)
      .join('\n\n');
  const head = withTitle ? title : '';
  const fits = (message: string): boolean => measure(message) <= limit.max;
  const whole = compose(head, text);
  if (fits(whole)) return whole;
  const body = beginning(text, (piece) => fits(compose(head, piece)));
  if (body !== '' || fits(compose(head, ''))) return compose(head, body);
  return compose(
    beginning(head, (piece) => fits(compose(piece, ''))),
    '',
  );
}

/** At most `max` of a text that goes out by itself, such as a subject line. */
export function cut(text: string, { max, measure = MEASURES.units }: Pick<MessageLimit, 'max' | 'measure'>): string {
  if (measure(text) <= max) return text;
  return beginning(text, (piece) => measure(piece) <= max);
}

/**
 * The longest beginning of a text that fits, cut at a grapheme and marked; empty if none does. The whole does not fit.
 * Graphemes are looked for once, when the length is known: in 16,000 characters that takes a fifth of a second.
 */
function beginning(text: string, fits: (piece: string) => boolean): string {
  const room = longest(text.length - 1, (length) => fits(`${text.slice(0, length - 1)}…`));
  return room === 0 ? '' : truncate(text, room);
}

/** The largest length from 1 to `max` that holds; 0 if none does. What holds for one holds for all that are shorter. */
function longest(max: number, holds: (length: number) => boolean): number {
  let low = 0;
  let high = max;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
