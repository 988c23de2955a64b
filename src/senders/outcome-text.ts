import type { Notice } from '../model/artifacts.ts';
import { oneLine, printable, truncate } from '../model/text.ts';

/** The longest text in an outcome, in UTF-16 units: a receipt is read in a terminal, not scrolled through. */
export const MAX_OUTCOME_TEXT = 500;

/** Text from outside as an outcome may carry it: one line, nothing that a terminal would obey, bounded. */
export function brief(text: string, max: number = MAX_OUTCOME_TEXT): string {
  return truncate(oneLine(text), max);
}

/** The words of a notice as they may leave this program: no receiver has to defend its terminal or its chat against them. */
export function words(notice: Notice): { title: string; text: string } {
  return { title: oneLine(notice.title), text: printable(notice.text) };
}
