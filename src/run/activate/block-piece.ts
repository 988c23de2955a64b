import { RgovError } from '../../model/errors.ts';
import { differencesOf, type Found, type Piece } from './piece.ts';
import { judgeStamp, type Owner, ownerWords, stampLine, stampStart } from './stamp.ts';

/** A text that others own as well. */
export interface SharedText {
  /** For a person: `the crontab of alice`. */
  name: string;
  /** All of it; empty where there is none. Throws `RgovError` where nobody can tell. */
  read(): Promise<Buffer>;
  /** Puts other bytes in its place, as a whole. */
  write(bytes: Buffer): Promise<void>;
  /** Does `work` while nobody else of us reads it in order to write it. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

export interface BlockParts {
  owner: Owner;
  within: SharedText;
  /** Lines, the last one ended. */
  text: string;
  /** What begins a comment there. */
  comment: string;
  why: string;
}

/** Lines between two markers that name their owner. Every other byte of the text stays as it is. */
export function blockPiece({ owner, within, text, comment, why }: BlockParts): Piece {
  const end = `${comment} rgov activate: end of ${ownerWords(owner)}\n`;
  const block = `${comment} ${stampLine(owner, text)}\n${text}${end}`;
  const marks = { begin: `${comment} ${stampStart(owner)}`, end };
  const replaceWith = async (put: string): Promise<void> => {
    const whole = decode(await within.read());
    const place = find(whole, marks);
    if (place === 'damaged') throw new RgovError('state_io', damagedWords(within.name, owner));
    const from = place?.from ?? whole.length;
    // A last line without its end would swallow the marker.
    const gap = place === null && whole !== '' && !whole.endsWith('\n') ? '\n' : '';
    await within.write(encode(whole.slice(0, from) + gap + put + whole.slice(place?.to ?? whole.length)));
  };
  return {
    where: within.name,
    why,
    text: block,
    look: async () => {
      try {
        return lookAt(decode(await within.read()), { block: decode(Buffer.from(block)), marks, owner, comment, name: within.name });
      } catch (error) {
        if (!(error instanceof RgovError)) throw error;
        return { status: 'unknown', reason: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
      }
    },
    write: () => within.alone(() => replaceWith(decode(Buffer.from(block)))),
    remove: () => within.alone(() => replaceWith('')),
  };
}

interface Marks {
  begin: string;
  end: string;
}

function lookAt(whole: string, parts: { block: string; marks: Marks; owner: Owner; comment: string; name: string }): Found {
  const { block, marks, owner, comment, name } = parts;
  const place = find(whole, marks);
  if (place === null) return { status: 'missing' };
  if (place === 'damaged') return { status: 'unknown', reason: damagedWords(name, owner) };
  const there = whole.slice(place.from, place.to);
  if (there === block) return { status: 'same' };
  const [first = '', ...rest] = readable(there).split('\n');
  const inner = rest.join('\n').slice(0, -readable(decode(Buffer.from(marks.end))).length);
  const verdict = judgeStamp(first.slice(comment.length + 1), owner, inner);
  return { status: 'changed', byHand: verdict !== 'as_written', differences: differencesOf(readable(there), readable(block)) };
}

/** Where the block stands, both markers included; null if there is none; `damaged` if nobody can say where it ends. */
function find(whole: string, marks: Marks): { from: number; to: number } | null | 'damaged' {
  const begins = linesThat(whole, decode(Buffer.from(marks.begin)));
  const ends = linesThat(whole, decode(Buffer.from(marks.end)));
  if (begins.length === 0 && ends.length === 0) return null;
  const [from, to] = [begins[0], ends[0]];
  if (begins.length !== 1 || ends.length !== 1 || from === undefined || to === undefined || to < from) return 'damaged';
  return { from, to: to + decode(Buffer.from(marks.end)).length };
}

/** Where lines stand that begin so. */
function linesThat(whole: string, start: string): number[] {
  const found: number[] = [];
  for (let at = whole.indexOf(start); at >= 0; at = whole.indexOf(start, at + 1)) if (at === 0 || whole[at - 1] === '\n') found.push(at);
  return found;
}

const damagedWords = (name: string, owner: Owner): string =>
  `the markers of ${ownerWords(owner)} in ${name} are damaged: one line that begins it and one that ends it are wanted, in this order; take out by hand what is left of them`;

/** One character a byte: what is no UTF-8 stays what it is. */
const decode = (bytes: Buffer): string => bytes.toString('latin1');
const encode = (text: string): Buffer => Buffer.from(text, 'latin1');
const readable = (text: string): string => encode(text).toString('utf8');
