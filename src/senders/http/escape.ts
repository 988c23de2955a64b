const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** What begins or ends something inside a line of CommonMark and its dialects: emphasis, code, links, tags, strike-through, spoilers, tables. */
const MARKDOWN_INLINE = /[\\`*_[\]<>~|]/g;
/** What makes a line a heading, a list or a quotation, or the line above it a heading; only at its beginning. */
const MARKDOWN_BLOCK = /^([ \t]*)([#>+=-])/gm;
const NUMBERED = /^([ \t]*\d+)([.)])/gm;
/** A web address becomes a link by itself, and a backslash would become part of it. Nothing in this can end the link or begin something else. */
const WEB_ADDRESS = /(https?:\/\/[A-Za-z0-9._/:?#@!$&%+,;=-]+)/;

export const ESCAPES = {
  none: (text: string): string => text,
  html: (text: string): string => text.replace(/[&<>]/g, (mark) => ENTITIES[mark] ?? mark),
  markdown: (text: string): string =>
    text
      .split(WEB_ADDRESS)
      .map((piece, index) => (index % 2 === 1 ? piece : piece.replace(MARKDOWN_INLINE, '\\$&')))
      .join('')
      .replace(MARKDOWN_BLOCK, '$1\\$2')
      .replace(NUMBERED, '$1\\$2'),
};
