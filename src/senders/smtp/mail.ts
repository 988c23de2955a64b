import MailComposer from 'nodemailer/lib/mail-composer';
import { RgovError } from '../../model/errors.ts';
import type { Attempt } from '../../model/outcome.ts';
import { cut, MEASURES, messageText } from '../message.ts';
import { words } from '../outcome-text.ts';

/** A subject line; what does not fit stands in the text as well. In UTF-16 units. */
const SUBJECT_MAX = 200;
/** Far above any notice, far below what servers take (10 MB and more). */
const BODY_MAX_BYTES = 512 * 1024;
/** RFC 3461, section 4.4: an envelope id has at most 100 characters. */
const ENVID_MAX = 100;

/** One mailbox in ASCII (RFC 5321, section 4.1.2, without quoted local parts and comments). */
const MAILBOX = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9A-Fa-f:.A-Zv]{3,60}\])$/;
const NAMED = /^(?:(.*) <)?([^<>]+)>?$/;

export interface Mail {
  from: string;
  to: string;
  /** The attempt, which the server shall name when it reports on this mail; undefined where it would be longer than the protocol allows. */
  envelopeId: string | undefined;
  /** The message itself, RFC 5322. */
  bytes: Buffer;
}

/** The notice as a mail. Every attempt carries the same Message-ID. Throws {@link RgovError} `invalid_documents` if an address is no mailbox. */
export async function mailFor(attempt: Attempt, sender: string): Promise<Mail> {
  const [, name, from = ''] = NAMED.exec(sender) ?? [];
  if (!MAILBOX.test(from)) throw new RgovError('invalid_documents', '`with.from` of the sender is not one mailbox');
  const to = mailboxOf(attempt.address);
  const { title } = words(attempt.notice);
  const subject = cut(title, { max: SUBJECT_MAX });
  const { id } = attempt.notice;
  const composer = new MailComposer({
    from: name === undefined ? from : { name, address: from },
    to,
    subject,
    messageId: `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
    date: new Date(attempt.now_ms),
    // RFC 3834: no autoresponder shall answer.
    headers: { 'Auto-Submitted': 'auto-generated' },
    text: `${messageText(attempt, { max: BODY_MAX_BYTES, measure: MEASURES.bytes, withTitle: subject !== title })}\n`,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const envelopeId = `${id}.${attempt.number}`;
  return { from, to, envelopeId: envelopeId.length <= ENVID_MAX ? envelopeId : undefined, bytes: await composer.compile().build() };
}

/** The mailbox that an address names; `mailto:` may stand before it. */
function mailboxOf(address: string | undefined): string {
  if (address === undefined) throw new RgovError('invalid_documents', '`address` of the target names no mailbox');
  const mailbox = address.trim().replace(/^mailto:/i, '');
  if (!MAILBOX.test(mailbox)) throw new RgovError('invalid_documents', '`address` of the target is not one mailbox such as ops@example.org');
  return mailbox;
}
