import { Lexer } from 'yaml';

/** Tokens of the lexer that are no part of the text: where a document begins, a flow ends, a scalar follows. */
const MARKS = new Set(['\u0002', '\u0018', '\u001f']);
const isIndicator = (token: string): boolean => /^[ \t\-?:\ufeff]*$/.test(token) || MARKS.has(token);

const MAX_TOKENS = 100_000;
const MAX_FLOW_DEPTH = 48;
/** Each level of block nesting takes a column at least, so the first word of a line shows how deep it lies. */
const MAX_START_COLUMN = 160;

/**
 * Why a text must not reach the YAML parser, which recurses: deep nesting makes it run for seconds, or ends the process.
 * Tokens alone tell; the lexer reads them one after the other and does not recurse.
 */
export function whyTooComplex(text: string): { offset: number; message: string } | null {
  let tokens = 0;
  let flowDepth = 0;
  let offset = 0;
  let lineStart = 0;
  let atStart = true;
  for (const token of new Lexer().lex(text)) {
    if (++tokens > MAX_TOKENS) return { offset, message: `the file holds more than ${MAX_TOKENS} tokens` };
    if (token === '[' || token === '{') flowDepth++;
    else if (token === ']' || token === '}') flowDepth--;
    if (flowDepth > MAX_FLOW_DEPTH) return { offset, message: `brackets are nested more than ${MAX_FLOW_DEPTH} levels deep` };
    if (atStart && !isIndicator(token)) {
      if (!/^[\r\n#]/.test(token) && offset - lineStart > MAX_START_COLUMN)
        return { offset, message: `nested more than ${MAX_START_COLUMN} columns deep` };
      atStart = false;
    }
    if (!MARKS.has(token)) offset += token.length;
    if (token.includes('\n') || token.includes('\r')) {
      lineStart = offset - (token.length - 1 - Math.max(token.lastIndexOf('\n'), token.lastIndexOf('\r')));
      atStart = true;
    }
  }
  return null;
}
