/** Without a meaning to any shell, wherever it stands in a word. */
const BARE = '[\\w@+=:,./-]+';
/** Nothing is expanded in it, by an interactive bash either (`!`). Line breaks are text there; other controls may be typed into a terminal. */
const DOUBLE = '"(?:[^"$`\\\\!\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f]|!(?=[ "]))*"';
const SINGLE = "'[^'\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f]*'";
const PIECE = new RegExp(`${BARE}|${DOUBLE}|${SINGLE}`, 'y');
/** A backslash at the end of a line counts as nothing between words, and only there: within a word it would join two. */
const BETWEEN = /[ \t]+(?:\\\n[ \t]*)*/y;
const END = /[ \t\n]*(?:[ \t]2>&1[ \t\n]*)?$/y;
const START = /[ \t\n]*/y;

/**
 * The words of one command as every POSIX shell reads it; null if it is more than that: several commands, redirections but for `2>&1`, anything that is
 * expanded, or anything else whose meaning is not beyond doubt.
 */
export function wordsOf(line: string): string[] | null {
  const words: string[] = [];
  let at = matchAt(START, line, 0) ?? 0;
  for (;;) {
    const word = wordAt(line, at);
    if (word === null) return null;
    words.push(word.text);
    if (matchAt(END, line, word.end) !== null) return words;
    const next = matchAt(BETWEEN, line, word.end);
    if (next === null) return null;
    at = next;
  }
}

function wordAt(line: string, start: number): { text: string; end: number } | null {
  let text = '';
  let at = start;
  for (let end = matchAt(PIECE, line, at); end !== null; end = matchAt(PIECE, line, at)) {
    const piece = line.slice(at, end);
    text += piece[0] === '"' || piece[0] === "'" ? piece.slice(1, -1) : piece;
    at = end;
  }
  return at === start ? null : { text, end: at };
}

/** Where a match that begins at `at` ends. */
function matchAt(pattern: RegExp, line: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(line) ? pattern.lastIndex : null;
}
