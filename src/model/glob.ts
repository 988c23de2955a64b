import { isSubject } from './subject.ts';

export type CompiledSubjectPattern =
  | {
      ok: true;
      /** True if the pattern is the name of one subject. */
      exact: boolean;
      matches(subject: string): boolean;
    }
  | { ok: false; message: string };

/** One place of a part between slashes. */
type Token =
  | { kind: 'character'; code: number }
  | { kind: 'any' }
  | { kind: 'set'; negated: boolean; ranges: readonly (readonly [number, number])[] }
  | { kind: 'star' };
/** A part between slashes, or any number of parts. */
type Part = readonly Token[] | '**';

const MAX_LENGTH = 200;
const MAGIC = /[*?[\]]/;
/** As in `subject.ts`: what a part of a subject begins with, and what it goes on with. */
const FIRST = /^[\p{L}\p{N}_]$/u;
const FURTHER = /^[\p{L}\p{N}_.@:+=,#~ -]$/u;

class BadPattern extends Error {}

/**
 * Compiles the name of a subject or a pattern of names: `*` and `?` stay within one part between slashes, `[a-z]` and
 * `[!a-z]` stand for one character, `**` alone between slashes for any number of parts (at the end for at least one).
 * Everything else stands for itself. Refuses what no subject can ever match. Matching takes no longer than the product
 * of both lengths: regular expressions made of such patterns took half a minute for four stars.
 */
export function compileSubjectPattern(pattern: string): CompiledSubjectPattern {
  try {
    const parts = parse(pattern);
    if (!MAGIC.test(pattern)) return { ok: true, exact: true, matches: (subject) => subject === pattern };
    const prefix = pattern.slice(0, pattern.search(MAGIC));
    // A pattern that begins with `a/**/` still needs its slash, so the literal beginning is always required.
    return { ok: true, exact: false, matches: (subject) => subject.startsWith(prefix) && matchesParts(parts, subject.split('/')) };
  } catch (error) {
    if (error instanceof BadPattern) return { ok: false, message: error.message };
    throw error;
  }
}

function parse(pattern: string): Part[] {
  if (pattern === '') throw new BadPattern('it is empty');
  if ([...pattern].length > MAX_LENGTH) throw new BadPattern(`it is longer than ${MAX_LENGTH} characters`);
  if (!MAGIC.test(pattern) && isSubject(pattern)) return [];
  const parts: Part[] = [];
  const texts = pattern.split('/');
  for (const [index, text] of texts.entries()) {
    if (text === '')
      throw new BadPattern(
        index === 0 ? 'it begins with a slash' : index === texts.length - 1 ? 'it ends with a slash' : 'two slashes follow each other',
      );
    if (text !== '**') parts.push(tokensOf(text));
    // What lies below something is not the thing itself.
    else if (index === texts.length - 1) parts.push([{ kind: 'star' }], '**');
    else parts.push('**');
  }
  return parts;
}

function tokensOf(part: string): Token[] {
  if (part.includes('**')) throw new BadPattern('"**" does not stand alone between slashes');
  const characters = [...part];
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] as string;
    if (character === '*') tokens.push({ kind: 'star' });
    else if (character === '?') tokens.push({ kind: 'any' });
    else if (character === '[') {
      const end = characters.indexOf(']', at);
      if (end === -1) throw new BadPattern('"[" is never closed');
      tokens.push(setOf(characters.slice(at + 1, end), at === 0));
      at = end;
    } else if (!FURTHER.test(character)) throw new BadPattern(`no subject holds "${character}"`);
    else if (at === 0 && !FIRST.test(character)) throw new BadPattern(`no part of a subject begins with "${character}"`);
    else tokens.push({ kind: 'character', code: codeOf(character) });
  }
  return tokens;
}

/** What stands between brackets. `first`: the brackets stand where a part begins. */
function setOf(content: readonly string[], first: boolean): Token {
  const negated = content[0] === '!' || content[0] === '^';
  const members = negated ? content.slice(1) : content;
  if (members.length === 0) throw new BadPattern('there is nothing between "[" and "]"');
  const ranges: [number, number][] = [];
  for (let at = 0; at < members.length; at++) {
    const from = members[at] as string;
    const isRange = members[at + 1] === '-' && at + 2 < members.length;
    const to = isRange ? (members[at + 2] as string) : from;
    for (const end of [from, to]) if (!FURTHER.test(end)) throw new BadPattern(`no subject holds "${end}"`);
    if (codeOf(from) > codeOf(to)) throw new BadPattern(`the range "${from}-${to}" runs backwards`);
    ranges.push([codeOf(from), codeOf(to)]);
    if (isRange) at += 2;
  }
  if (first && !negated && members.every((member) => !FIRST.test(member)) && ranges.every(([from, to]) => from === to))
    throw new BadPattern(`no part of a subject begins with "${members[0]}"`);
  return { kind: 'set', negated, ranges };
}

function codeOf(character: string): number {
  return character.codePointAt(0) as number;
}

function matchesParts(pattern: readonly Part[], parts: readonly string[]): boolean {
  let at = 0;
  let part = 0;
  let star = -1;
  let taken = 0;
  while (part < parts.length) {
    const wanted = pattern[at];
    if (wanted === '**') {
      star = at++;
      taken = part;
    } else if (wanted !== undefined && matchesPart(wanted, parts[part] as string)) {
      at++;
      part++;
    } else if (star === -1) return false;
    else {
      // The last "**" takes one part more; those before it need never take more than they have.
      at = star + 1;
      part = ++taken;
    }
  }
  while (pattern[at] === '**') at++;
  return at === pattern.length;
}

function matchesPart(tokens: readonly Token[], text: string): boolean {
  let at = 0;
  let index = 0;
  let star = -1;
  let taken = 0;
  while (index < text.length) {
    const token = tokens[at];
    const code = text.codePointAt(index) as number;
    if (token?.kind === 'star') {
      star = at++;
      taken = index;
    } else if (token !== undefined && fits(token, code)) {
      at++;
      index += widthOf(code);
    } else if (star === -1) return false;
    else {
      at = star + 1;
      taken += widthOf(text.codePointAt(taken) as number);
      index = taken;
    }
  }
  while (tokens[at]?.kind === 'star') at++;
  return at === tokens.length;
}

function fits(token: Token, code: number): boolean {
  if (token.kind === 'character') return token.code === code;
  if (token.kind === 'set') return token.ranges.some(([from, to]) => code >= from && code <= to) !== token.negated;
  return token.kind === 'any';
}

function widthOf(code: number): number {
  return code > 0xffff ? 2 : 1;
}
