/** The characters on both sides of a place in the text, as code points; -1 where the text begins or ends. */
export interface Position {
  previous: number;
  current: number;
}

export type PatternNode =
  | { op: 'set'; accepts(codePoint: number): boolean }
  | { op: 'assert'; holds(position: Position): boolean }
  | { op: 'sequence'; items: PatternNode[] }
  | { op: 'either'; items: PatternNode[] }
  | { op: 'repeat'; item: PatternNode; min: number; max: number | null };

export type ParsedPattern = { ok: true; node: PatternNode } | { ok: false; message: string; offset: number };
type Accepts = (codePoint: number) => boolean;

interface Flags {
  ignoreCase: boolean;
  multiLine: boolean;
  dotAll: boolean;
}

class PatternError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const MAX_GROUPS_DEEP = 50;
const MAX_REPEAT = 1000;
const CONTROL: Record<string, number> = { n: 10, t: 9, r: 13, f: 12, v: 11, a: 7 };

const isDigit: Accepts = (c) => c >= 48 && c <= 57;
const isWord: Accepts = (c) => isDigit(c) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95;
const isSpace: Accepts = (c) => c === 32 || c === 9 || c === 10 || c === 12 || c === 13;
const not =
  (accepts: Accepts): Accepts =>
  (c) =>
    !accepts(c);
const SHORTHAND: Record<string, Accepts> = { d: isDigit, D: not(isDigit), w: isWord, W: not(isWord), s: isSpace, S: not(isSpace) };
const POSIX: Record<string, Accepts> = {
  alpha: (c) => isWord(c) && !isDigit(c) && c !== 95,
  digit: isDigit,
  alnum: (c) => isWord(c) && c !== 95,
  upper: (c) => c >= 65 && c <= 90,
  lower: (c) => c >= 97 && c <= 122,
  space: (c) => isSpace(c) || c === 11,
  punct: (c) => c > 32 && c < 127 && !(isWord(c) && c !== 95),
  xdigit: (c) => isDigit(c) || (c >= 65 && c <= 70) || (c >= 97 && c <= 102),
  word: isWord,
};

/** The syntax of RE2 (https://github.com/google/re2/wiki/Syntax) as far as it asks whether a text matches. */
export function parsePattern(source: string): ParsedPattern {
  try {
    return { ok: true, node: new PatternParser(source).parse() };
  } catch (error) {
    if (error instanceof PatternError) return { ok: false, message: error.message, offset: error.offset };
    throw error;
  }
}

class PatternParser {
  private at = 0;
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  parse(): PatternNode {
    const node = this.either({ ignoreCase: false, multiLine: false, dotAll: false }, 0);
    if (this.at < this.source.length) throw this.error('there is no group that this ")" closes');
    return node;
  }

  private either(flags: Flags, depth: number): PatternNode {
    if (depth > MAX_GROUPS_DEEP) throw this.error('the groups are nested too deeply');
    const local = { ...flags };
    const items = [this.sequence(local, depth)];
    while (this.take('|')) items.push(this.sequence(local, depth));
    return items.length === 1 ? (items[0] as PatternNode) : { op: 'either', items };
  }

  private sequence(flags: Flags, depth: number): PatternNode {
    const items: PatternNode[] = [];
    while (this.at < this.source.length && !this.sees('|') && !this.sees(')')) {
      const atom = this.atom(flags, depth);
      if (atom !== null) items.push(this.repeated(atom));
    }
    return { op: 'sequence', items };
  }

  private atom(flags: Flags, depth: number): PatternNode | null {
    const start = this.at;
    const char = this.next();
    switch (char) {
      case '(':
        return this.group(flags, depth, start);
      case '[':
        return { op: 'set', accepts: caseless(this.characterClass(start), flags) };
      case '.':
        return { op: 'set', accepts: flags.dotAll ? () => true : (c) => c !== 10 };
      case '^':
        return { op: 'assert', holds: flags.multiLine ? ({ previous }) => previous === -1 || previous === 10 : ({ previous }) => previous === -1 };
      case '$':
        return { op: 'assert', holds: flags.multiLine ? ({ current }) => current === -1 || current === 10 : ({ current }) => current === -1 };
      case '*':
      case '+':
      case '?':
        throw this.error(`there is nothing before "${char}" to repeat`, start);
      case '\\':
        return this.escaped(flags, start);
      default: {
        const code = char.codePointAt(0) as number;
        return { op: 'set', accepts: caseless((c) => c === code, flags) };
      }
    }
  }

  /** After `(`. Returns null for flags that hold for the rest of the group around them, such as `(?i)`. */
  private group(flags: Flags, depth: number, start: number): PatternNode | null {
    const inner = { ...flags };
    const named = /^\?P?<[A-Za-z_]\w*>/.exec(this.source.slice(this.at));
    if (named) {
      this.at += named[0].length;
    } else if (this.take('?')) {
      const option = /^([ims]*)(?:-([ims]+))?([:)])/.exec(this.source.slice(this.at));
      if (!option) throw this.error('look-around, back-references and unknown flags are not supported', start);
      this.at += option[0].length;
      for (const [letters, value] of [[option[1] ?? '', true] as const, [option[2] ?? '', false] as const]) {
        if (letters.includes('i')) inner.ignoreCase = value;
        if (letters.includes('m')) inner.multiLine = value;
        if (letters.includes('s')) inner.dotAll = value;
      }
      if (option[3] === ')') {
        Object.assign(flags, inner);
        return null;
      }
    }
    const node = this.either(inner, depth + 1);
    if (!this.take(')')) throw this.error('this group is never closed', start);
    return node;
  }

  private escaped(flags: Flags, start: number): PatternNode {
    const wordBoundary = ({ previous, current }: Position): boolean => isWord(previous) !== isWord(current);
    if (this.take('b')) return { op: 'assert', holds: wordBoundary };
    if (this.take('B')) return { op: 'assert', holds: (position) => !wordBoundary(position) };
    if (this.take('A')) return { op: 'assert', holds: ({ previous }) => previous === -1 };
    if (this.take('z')) return { op: 'assert', holds: ({ current }) => current === -1 };
    return { op: 'set', accepts: caseless(this.escapedSet(start), flags) };
  }

  /** After `\`, inside a class or outside: a shorthand, a Unicode property or one character. */
  private escapedSet(start: number): Accepts {
    const char = this.next();
    const shorthand = SHORTHAND[char];
    if (shorthand) return shorthand;
    if (char === 'p' || char === 'P') {
      const property = /^(?:\{(\^?)([A-Za-z_]{1,40})\}|([A-Z]))/.exec(this.source.slice(this.at));
      if (!property) throw this.error('a Unicode class is written \\pL or \\p{Greek}', start);
      this.at += property[0].length;
      const inside = unicodeClass(property[2] ?? property[3] ?? '');
      if (!inside) throw this.error(`there is no Unicode class ${property[0]}`, start);
      return (char === 'P') !== (property[1] === '^') ? not(inside) : inside;
    }
    const code = this.escapedCode(char, start);
    return (c) => c === code;
  }

  private escapedCode(char: string, start: number): number {
    const control = CONTROL[char];
    if (control !== undefined) return control;
    if (char === 'x') {
      const hex = /^(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}))/.exec(this.source.slice(this.at));
      if (!hex) throw this.error('a character by its number is written \\x41 or \\x{1F600}', start);
      this.at += hex[0].length;
      return Number.parseInt(hex[1] ?? hex[2] ?? '', 16);
    }
    if (/[A-Za-z0-9]/.test(char)) throw this.error(`\\${char} is not supported`, start);
    return char.codePointAt(0) as number;
  }

  private characterClass(start: number): Accepts {
    const negated = this.take('^');
    const parts: Accepts[] = [];
    for (let first = true; first || !this.sees(']'); first = false) {
      if (this.at >= this.source.length) throw this.error('this class is never closed', start);
      parts.push(this.classItem());
    }
    this.at++;
    const inside: Accepts = (c) => parts.some((accepts) => accepts(c));
    return negated ? not(inside) : inside;
  }

  private classItem(): Accepts {
    const start = this.at;
    const posix = /^\[:(\^?)([a-z]+):\]/.exec(this.source.slice(this.at));
    if (posix) {
      const inside = POSIX[posix[2] as string];
      if (!inside) throw this.error(`there is no class ${posix[0]}`);
      this.at += posix[0].length;
      return posix[1] === '^' ? not(inside) : inside;
    }
    const first = this.next();
    if (first === '\\' && /[dDwWsSpP]/.test(this.source[this.at] ?? '')) return this.escapedSet(start);
    const low = first === '\\' ? this.escapedCode(this.next(), start) : (first.codePointAt(0) as number);
    if (!this.sees('-') || this.source[this.at + 1] === ']' || this.at + 1 >= this.source.length) return (c) => c === low;
    this.at++;
    const last = this.next();
    const high = last === '\\' ? this.escapedCode(this.next(), start) : (last.codePointAt(0) as number);
    if (high < low) throw this.error('this range runs backwards', start);
    return (c) => c >= low && c <= high;
  }

  /** Lazy and greedy repetition accept the same texts, so the mark of the lazy one is only skipped. */
  private repeated(atom: PatternNode): PatternNode {
    let node = atom;
    for (let first = true; ; first = false) {
      const start = this.at;
      const bounds = this.bounds();
      if (bounds === null) return node;
      if (!first) throw this.error('a repetition cannot be repeated without a group', start);
      this.take('?');
      node = { op: 'repeat', item: node, ...bounds };
    }
  }

  private bounds(): { min: number; max: number | null } | null {
    if (this.take('*')) return { min: 0, max: null };
    if (this.take('+')) return { min: 1, max: null };
    if (this.take('?')) return { min: 0, max: 1 };
    const counted = /^\{(\d{1,9})(?:(,)(\d{0,9}))?\}/.exec(this.source.slice(this.at));
    if (!counted) return null;
    const min = Number(counted[1]);
    const max = counted[2] === undefined ? min : counted[3] === '' ? null : Number(counted[3]);
    if (min > MAX_REPEAT || (max ?? 0) > MAX_REPEAT || (max !== null && max < min)) throw this.error(`a repetition counts from 0 to ${MAX_REPEAT}`);
    this.at += counted[0].length;
    return { min, max };
  }

  private next(): string {
    const code = this.source.codePointAt(this.at);
    if (code === undefined) throw this.error('the pattern ends too early');
    const char = String.fromCodePoint(code);
    this.at += char.length;
    return char;
  }

  private sees(char: string): boolean {
    return this.source[this.at] === char;
  }

  private take(char: string): boolean {
    if (!this.sees(char)) return false;
    this.at++;
    return true;
  }

  private error(message: string, offset = this.at): PatternError {
    return new PatternError(message, offset);
  }
}

function caseless(accepts: Accepts, flags: Flags): Accepts {
  if (!flags.ignoreCase) return accepts;
  return (c) => {
    const char = String.fromCodePoint(c);
    return accepts(c) || accepts(char.toLowerCase().codePointAt(0) as number) || accepts(char.toUpperCase().codePointAt(0) as number);
  };
}

/** One character against one property: JavaScript's engine is safe for that. */
function unicodeClass(name: string): Accepts | null {
  for (const property of [name, `Script=${name}`]) {
    try {
      const pattern = new RegExp(`^\\p{${property}}$`, 'u');
      return (c) => pattern.test(String.fromCodePoint(c));
    } catch {
      // Not the name of this sort of property.
    }
  }
  return null;
}
