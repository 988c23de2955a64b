import { isSecretRef, type ResolveSecret, type SecretRef } from '../model/secret.ts';
import { brief } from './outcome-text.ts';

/** A setting that may be written down or kept elsewhere. */
export type Setting = string | SecretRef;

/** Pieces shorter than this are words that occur anyway; taking them out would only garble the text. */
const MIN_PIECE = 8;
const MARK = '[secret]';

/**
 * The secrets of one attempt: resolved when they are asked for, forgotten with the attempt, and taken out of every text that
 * comes back. Receivers do echo them: "Cannot POST /hooks/TOKEN", "invalid token TOKEN".
 */
export class AttemptSecrets {
  readonly #resolve: ResolveSecret;
  readonly #hidden = new Set<string>();

  constructor(resolve: ResolveSecret) {
    this.#resolve = resolve;
  }

  /** The value of a setting. Throws what the resolver throws when there is nothing behind the reference. */
  reveal(setting: Setting): string {
    if (!isSecretRef(setting)) return setting;
    const value = this.#resolve(setting).reveal();
    this.#hidden.add(value);
    this.hide(value.trim(), 1);
    return value;
  }

  /** From now on `text`, and every word of it, is taken out of what comes back, unless it is shorter than `min`. */
  hide(text: string, min: number = MIN_PIECE): void {
    this.hideThese(secretPieces(text, min));
  }

  /** The same for {@link secretPieces} that were found before. */
  hideThese(pieces: Iterable<string>): void {
    for (const piece of pieces) this.#hidden.add(piece);
  }

  redact(text: string): string {
    // No spelling is shorter than the value itself, so most of them need not even be spelled out.
    const spellings = [...this.#hidden].filter((value) => value !== '' && value.length <= text.length).flatMap(spellingsOf);
    // The longest first: a part that is replaced early would leave the rest of the whole behind.
    spellings.sort((a, b) => b.length - a.length);
    return spellings.reduce((rest, spelling) => rest.replaceAll(spelling, MARK), text);
  }

  /** Text from outside, fit for an outcome: {@link redact}ed before anything is cut off, then {@link brief}. */
  brief(text: string, max?: number): string {
    return brief(this.redact(text), max);
  }
}

/** `text` and every word of it, without what is shorter than `min`, or than a word that would not occur anyway. */
export function secretPieces(text: string, min: number = MIN_PIECE): string[] {
  const words = text.split(/[\s,;="']+/).filter((piece) => piece.length >= MIN_PIECE);
  return text.length >= min ? [text, ...words] : words;
}

/** How one value looks when it is echoed as it is, in JSON (some escape slashes, too), in a URL (in letters of either case), or in HTML. */
function spellingsOf(value: string): string[] {
  const wellFormed = value.toWellFormed();
  const inJson = JSON.stringify(wellFormed).slice(1, -1);
  const inUrl = [encodeURIComponent(wellFormed), encodeURI(wellFormed)];
  const inHtml = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  const lowerCase = inUrl.map((url) => url.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase()));
  return [...new Set([value, inJson, inJson.replaceAll('/', '\\/'), ...inUrl, ...lowerCase, inHtml])];
}
