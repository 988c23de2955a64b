import { sha256 } from '../../model/hash.ts';
import { dayOf, parseFile, parseName } from '../../model/names.ts';
import { oneLine, truncate } from '../../model/text.ts';
import { formatTime } from '../../model/time.ts';
import type { ConfirmationDraft } from '../adapter.ts';
import { quoted } from '../foreign.ts';
import type { Fields } from './mime.ts';
import type { Report } from './report.ts';

export type Confirmed = { ok: true; confirmation: ConfirmationDraft } | { ok: false; reason: string };

const REASON_MAX = 1_000;
const BY_MAX = 150;
const NAME_MAX = 200;

/** RFC 3464, section 2.3.3. What was handed to several others proves as little as what was handed to one that reports nothing. */
const EVIDENCE = { delivered: 'delivered', relayed: 'relayed', expanded: 'relayed' } as const;

/**
 * What a report proves of the notice that it names. A mail goes to one mailbox; where that one stands for several, the report is
 * worth what the worst of them is worth: a failure before a delay before evidence.
 */
export function confirmationIn({ mail, message, recipients, returned }: Report): Confirmed {
  const handoff = handoffIn(message, returned);
  if (handoff === null)
    return { ok: false, reason: 'the report is not about a notice: neither its envelope id nor the returned Message-ID is the name of one' };
  const actions = recipients.map((fields) => ({ fields, action: actionOf(fields) }));
  const by = truncate(`dsn:${line(withoutType(message, 'reporting-mta')) || 'unnamed server'}`, BY_MAX);
  const draft = (fields: Fields): Pick<ConfirmationDraft, 'handoff' | 'by' | 'at'> => ({ handoff, by, ...timeOf(fields, mail, message) });

  const failed = actions.find(({ action }) => action === 'failed');
  if (failed)
    return { ok: true, confirmation: { ...draft(failed.fields), failed: truncate(`undeliverable: ${wordsOf(failed.fields)}`, REASON_MAX) } };
  const delayed = actions.find(({ action }) => action === 'delayed');
  if (delayed) return { ok: false, reason: truncate(`delayed: nothing is decided yet of ${handoff} (${wordsOf(delayed.fields)})`, REASON_MAX) };
  const proofs = actions.map(({ fields, action }) => ({ fields, evidence: evidenceOf(fields, action) }));
  const unclear = proofs.find(({ evidence }) => evidence === null);
  if (unclear) {
    const { fields } = unclear;
    return { ok: false, reason: `the report proves nothing: action ${quoted(fields.get('action'))}, status ${quoted(fields.get('status'))}` };
  }
  const weakest = proofs.find(({ evidence }) => evidence === 'relayed') ?? proofs[0];
  if (!weakest?.evidence) return { ok: false, reason: 'the report names no recipient' };
  return {
    ok: true,
    confirmation: {
      ...draft(weakest.fields),
      evidence: weakest.evidence,
      reference: referenceOf(mail, message, weakest.fields),
      detail: truncate(wordsOf(weakest.fields), REASON_MAX),
    },
  };
}

/** What the report is about: the attempt, which is the envelope id that we gave it; else the notice, which is the Message-ID in front of the @. */
function handoffIn(message: Fields, returned: Fields): string | null {
  const envelopeId = fromXtext(message.get('original-envelope-id') ?? '');
  const messageId = /^<([^<>@]+)@[^<>@]+>/.exec(returned.get('message-id') ?? '')?.[1] ?? '';
  return [envelopeId, messageId].find(isHandoff) ?? null;
}

/** NOTICE.N or NOTICE. */
function isHandoff(name: string): boolean {
  return name.length <= NAME_MAX && (parseName(name) !== null || parseFile('handoffs', dayOf(name), `${name}.json`)?.kind === 'handoff');
}

/** RFC 3461, section 4. Servers should have decoded it (section 6.3); no such name has a plus sign, so that doing it again does no harm. */
function fromXtext(text: string): string {
  return text.replace(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function actionOf(fields: Fields): string {
  return /^[a-z]+/.exec((fields.get('action') ?? '').toLowerCase())?.[0] ?? '';
}

/** Evidence only where the status is one of success, too (RFC 3463: 2.x.x). */
function evidenceOf(fields: Fields, action: string): 'delivered' | 'relayed' | null {
  if (!/^2\.\d{1,3}\.\d{1,3}\b/.test(fields.get('status') ?? '')) return null;
  return Object.hasOwn(EVIDENCE, action) ? EVIDENCE[action as keyof typeof EVIDENCE] : null;
}

/** Status and diagnosis for a person: `5.1.1, 550 5.1.1 user unknown`. */
function wordsOf(fields: Fields): string {
  const said = [line(fields.get('status')), line(withoutType(fields, 'diagnostic-code'))].filter((text) => text !== '');
  return said.length === 0 ? 'no reason is given' : said.join(', ');
}

/** The report's own id, by which it is found in the mailbox; else a digest of what it says. */
function referenceOf(mail: Fields, message: Fields, recipient: Fields): string {
  const id = line(mail.get('message-id'));
  return id !== '' ? truncate(id, 500) : `sha256:${sha256(JSON.stringify([[...message], [...recipient]]))}`;
}

const DATE = /^(?:[A-Za-z]{3}, *)?(\d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT|UTC?|Z))\b/;

/** When it happened: the last attempt, else when the report was written, else when the message arrived there. */
function timeOf(recipient: Fields, mail: Fields, message: Fields): Pick<ConfirmationDraft, 'at'> {
  for (const text of [recipient.get('last-attempt-date'), mail.get('date'), message.get('arrival-date')]) {
    const date = DATE.exec((text ?? '').replace(/\s+/g, ' '))?.[1];
    const ms = date === undefined ? Number.NaN : Date.parse(date);
    if (ms > 0 && ms < Date.UTC(10_000, 0)) return { at: formatTime(ms) };
  }
  return {};
}

/** `dns; mail.example.org` without its type. */
function withoutType(fields: Fields, name: string): string {
  return (fields.get(name) ?? '').replace(/^[A-Za-z0-9-]+\s*;/, '');
}

function line(text: string | undefined): string {
  return oneLine((text ?? '').slice(0, 4 * REASON_MAX));
}
