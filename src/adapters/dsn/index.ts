import type { Adapter, Translation } from '../adapter.ts';
import { confirmationIn } from './confirmation.ts';
import { MAX_MAIL_BYTES, mailsIn } from './mails.ts';
import { reportIn } from './report.ts';

/**
 * Delivery status notifications (RFC 3464) on mails of the sender `smtp`: what became of a notice after the server took it.
 * They say nothing of a subject, so that no event comes of them. A report that a mail is delayed decides nothing, and is
 * rejected with that reason.
 */
export const adapter: Adapter = {
  name: 'dsn',
  summary: 'delivery reports by mail (RFC 3464): a raw mail, a Maildir file, or a mailbox file',
  translate(input: Uint8Array): Translation {
    const confirmations: NonNullable<Translation['confirmations']> = [];
    const translation: Translation = { events: [], rejected: [], confirmations };
    for (const { where, bytes } of mailsIn(input)) {
      if (bytes.length > MAX_MAIL_BYTES) {
        translation.rejected.push({ where, reason: `not a delivery report: the mail has ${bytes.length} bytes, at most ${MAX_MAIL_BYTES} are read` });
        continue;
      }
      const read = reportIn(bytes);
      const confirmed = read.ok ? confirmationIn(read.report) : read;
      if (confirmed.ok) confirmations.push(confirmed.confirmation);
      else translation.rejected.push({ where, reason: confirmed.reason });
    }
    return translation;
  },
};
