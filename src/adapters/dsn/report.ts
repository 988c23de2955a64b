import { quoted } from '../foreign.ts';
import { contentType, decodedBody, type Entity, entityIn, type Fields, groupsIn, MAX_GROUPS, partsOf } from './mime.ts';

/** A delivery status notification, taken apart. */
export interface Report {
  /** Header of the mail that brought it. */
  mail: Fields;
  /** What it says of the message (RFC 3464, section 2.2). */
  message: Fields;
  /** What it says of each recipient (section 2.3). */
  recipients: Fields[];
  /** Header of the message that it reports on, as far as it was returned. */
  returned: Fields;
}

export type ReadReport = { ok: true; report: Report } | { ok: false; reason: string };

const refused = (reason: string): ReadReport => ({ ok: false, reason });

/** RFC 6533 names the same parts `global` where they hold UTF-8. */
const STATUS = new Set(['message/delivery-status', 'message/global-delivery-status']);
const RETURNED = new Set(['text/rfc822-headers', 'message/rfc822', 'message/global-headers', 'message/global']);

/** Takes one mail apart, if it is a report (RFC 6522: its outermost type is multipart/report, nothing is searched deeper). */
export function reportIn(bytes: Uint8Array): ReadReport {
  const mail = entityIn(Buffer.from(bytes).toString('utf8'));
  if (mail.fields.size === 0) return refused('this is no mail: it has no header');
  const { value: type, params } = contentType(mail);
  if (type !== 'multipart/report') return refused(`not a delivery report: expected multipart/report, found ${quoted(type)}`);
  const reportType = params['report-type'];
  if (reportType !== undefined && reportType.toLowerCase() !== 'delivery-status') return refused(`a report of another sort: ${quoted(reportType)}`);
  const boundary = params['boundary'];
  if (boundary === undefined || boundary === '') return refused('the report names no boundary between its parts');
  const parts = partsOf(mail.body, boundary);
  const status = parts.find((part) => STATUS.has(contentType(part).value));
  if (!status) return refused('the report has no part of type message/delivery-status');
  const groups = groupsIn(decodedBody(status));
  // What is not read might be the failure.
  if (groups.length > MAX_GROUPS) return refused(`the report names more than ${MAX_GROUPS - 1} recipients`);
  const [message, ...recipients] = groups;
  if (!message || recipients.length === 0) return refused('the report names no recipient');
  return { ok: true, report: { mail: mail.fields, message, recipients, returned: returnedHeader(parts) } };
}

function returnedHeader(parts: readonly Entity[]): Fields {
  const returned = parts.find((part) => RETURNED.has(contentType(part).value));
  return returned ? entityIn(decodedBody(returned)).fields : new Map();
}
