/** A report quotes the headers of the mail, not the mail: what is larger is something else. */
export const MAX_MAIL_BYTES = 1024 * 1024;

export interface RawMail {
  /** `input`, or `mail 3` of a mailbox. */
  where: string;
  bytes: Uint8Array;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * The mails in the input: one mail as it stands in a Maildir or comes through a pipe, or several in a mailbox file (RFC 4155), where each
 * begins with a line `From ...` at the start or after an empty line.
 */
export function mailsIn(input: Uint8Array): RawMail[] {
  if (!isFromLine(input, 0)) return [{ where: 'input', bytes: input }];
  const starts: number[] = [0];
  for (let at = input.indexOf(LINE_FEED); at !== -1; at = input.indexOf(LINE_FEED, at + 1)) {
    const next = at + 1;
    if (isEmptyLineBefore(input, next) && isFromLine(input, next)) starts.push(next);
  }
  return starts.map((start, i) => {
    const whole = input.subarray(start, starts[i + 1]);
    const bytes = whole.subarray(whole.indexOf(LINE_FEED) + 1);
    return { where: starts.length === 1 ? 'input' : `mail ${i + 1}`, bytes };
  });
}

function isFromLine(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x46 && bytes[at + 1] === 0x72 && bytes[at + 2] === 0x6f && bytes[at + 3] === 0x6d && bytes[at + 4] === 0x20;
}

function isEmptyLineBefore(bytes: Uint8Array, at: number): boolean {
  const before = bytes[at - 2] === CARRIAGE_RETURN ? at - 3 : at - 2;
  return bytes[before] === LINE_FEED;
}
