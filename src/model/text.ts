// C0 and C1 controls, DEL, and the Unicode marks that reorder or hide text: none of them may reach a terminal or a chat from data.
// The joiners U+200C and U+200D stay: emoji and several scripts are written with them.
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this pattern is for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Text from outside, safe to print: controls become a visible mark; newlines and tabs stay. */
export function printable(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(UNSAFE, '\ufffd').toWellFormed();
}

/** The same on one line. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim();
}

let graphemes: Intl.Segmenter | undefined;
/** ASCII without carriage returns: every character is a grapheme of its own. */
const PLAIN = /^[\n\t\x20-\x7e]*$/;

/** At most `max` UTF-16 units, cut between graphemes, with a mark where something is missing. */
export function truncate(text: string, max: number): string {
  if (text.length <= max) return text;
  if (PLAIN.test(text.slice(0, max))) return `${text.slice(0, Math.max(0, max - 1))}…`;
  // Made when first needed: it costs 13 ms.
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  let end = 0;
  for (const { index, segment } of graphemes.segment(text.slice(0, max + 64))) {
    if (index + segment.length > max - 1) break;
    end = index + segment.length;
  }
  return `${text.slice(0, end)}…`;
}

/** The last `max` UTF-16 units. */
export function lastPart(text: string, max: number): string {
  if (text.length <= max) return text;
  const part = text.slice(text.length - max + 1).toWellFormed();
  return `…${part}`;
}

/** Levenshtein distance, for "did you mean". */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** The known word that is nearest to a mistyped one, or null if none is near. */
export function didYouMean(word: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const d = distance(word.slice(0, 64).toLowerCase(), candidate.toLowerCase());
    if (d < bestDistance) {
      best = candidate;
      bestDistance = d;
    }
  }
  // The beginning of a longer word is near, too, if only one begins so.
  const longer = word.length >= 3 ? known.filter((candidate) => candidate.startsWith(word)) : [];
  return best ?? (longer.length === 1 ? (longer[0] as string) : null);
}
