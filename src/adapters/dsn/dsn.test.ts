import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Translation } from '../adapter.ts';
import { adapter } from './index.ts';
import { MAX_MAIL_BYTES } from './mails.ts';

const NOTICE = '20261122T030000.000Z_failure-reaches-operator_operator_3f9a2c1b7d4e';
/** Its first attempt, as the sender names it to the server. */
const ATTEMPT = `${NOTICE}.1`;
const recorded = (name: string): string => readFileSync(new URL(`../../../test/fixtures/dsn/${name}.eml`, import.meta.url), 'utf8');
const translate = (text: string): Translation => adapter.translate(Buffer.from(text));

interface Parts {
  type?: string;
  mail?: string[];
  message?: string[];
  recipients?: string[][];
  statusHeader?: string[];
  status?: string;
  returned?: string[];
}

/** A report in the least of words, with other words where a test needs them. */
function reportWith(parts: Parts = {}): string {
  const {
    type = 'multipart/report; report-type=delivery-status; boundary=b',
    mail = ['Message-ID: <report-1@mx.example.net>', 'Date: Sun, 22 Nov 2026 22:13:18 +0100 (CET)'],
    message = ['Reporting-MTA: dns; mx.example.net', `Original-Envelope-Id: ${NOTICE}`],
    recipients = [['Final-Recipient: rfc822; a@example.net', 'Action: delivered', 'Status: 2.0.0']],
    statusHeader = ['Content-Type: message/delivery-status'],
    status = [message, ...recipients].map((group) => group.join('\r\n')).join('\r\n\r\n'),
    returned = ['Subject: x'],
  } = parts;
  const lines = [...mail, `Content-Type: ${type}`, '', 'preamble', '--b', '', 'For people.', '--b', ...statusHeader, '', status, ''];
  return [...lines, '--b', 'Content-Type: text/rfc822-headers', '', ...returned, '', '--b--', ''].join('\r\n');
}

const recipient = (action: string, status: string, ...more: string[]): string[] => [`Action: ${action}`, `Status: ${status}`, ...more];

describe('what Postfix wrote', () => {
  it('proves delivery', () => {
    expect(translate(recorded('delivered'))).toEqual({
      events: [],
      rejected: [],
      confirmations: [
        {
          handoff: ATTEMPT,
          evidence: 'delivered',
          reference: '<20261122212652.9FAA8232142@mail.example.org>',
          by: 'dsn:mail.example.org',
          at: '2026-11-22T21:26:52.000Z',
          detail: '2.0.0, delivery via virtual: delivered to maildir',
        },
      ],
    });
  });

  it('takes delivery back', () => {
    expect(translate(recorded('bounced')).confirmations).toEqual([
      { handoff: ATTEMPT, failed: 'undeliverable: 5.1.1, user unknown', by: 'dsn:mail.example.org', at: '2026-11-22T21:26:52.000Z' },
    ]);
  });

  it('proves no more than relaying where nobody beyond reports', () => {
    expect(translate(recorded('relayed')).confirmations).toMatchObject([{ evidence: 'relayed', detail: '2.0.0, 250 2.0.0 Ok: queued as 4XyZ12' }]);
  });

  it('decides nothing while it is delayed', () => {
    expect(translate(recorded('delayed'))).toEqual({
      events: [],
      confirmations: [],
      rejected: [{ where: 'input', reason: `delayed: nothing is decided yet of ${ATTEMPT} (4.3.0, temporary failure)` }],
    });
  });

  it.each(['\n', '\r\n'])('comes as a mailbox file, too (line ends %j)', (end) => {
    const names = ['delivered', 'delayed', 'bounced'];
    const mailbox = names.map((name) => `From MAILER-DAEMON Sun Nov 22 21:17:17 2026\n${recorded(name)}\n`).join('');
    const { confirmations, rejected } = translate(mailbox.replaceAll('\n', end));
    expect(confirmations).toMatchObject([{ evidence: 'delivered' }, { failed: 'undeliverable: 5.1.1, user unknown' }]);
    expect(rejected).toMatchObject([{ where: 'mail 2' }]);
    expect(translate(`From MAILER-DAEMON Sun Nov 22 21:17:17 2026\n${recorded('delivered')}`)).toEqual(translate(recorded('delivered')));
  });
});

describe('whom it is about', () => {
  it.each([
    ['the envelope id of a notice', { message: [`Original-Envelope-Id: ${NOTICE}`] }],
    ['the envelope id, still encoded', { message: [`Original-Envelope-Id: ${NOTICE.replaceAll('_', '+5F')}`] }],
    ['the returned Message-ID', { message: ['Reporting-MTA: dns; x'], returned: ['Message-ID:', ` <${NOTICE}@example.org>`] }],
    [
      'the returned Message-ID where a relay gave the envelope another id',
      {
        message: ['Original-Envelope-Id: 12345'],
        returned: [`message-id: <${NOTICE}@example.org>`],
      },
    ],
  ])('says %s', (_, parts) => {
    expect(translate(reportWith(parts)).confirmations).toMatchObject([{ handoff: NOTICE, evidence: 'delivered' }]);
  });

  it('says the attempt', () => {
    expect(translate(reportWith({ message: [`Original-Envelope-Id: ${NOTICE}.12`] })).confirmations).toMatchObject([{ handoff: `${NOTICE}.12` }]);
  });

  it.each([
    ['the name of a deferral', { message: [`Original-Envelope-Id: ${NOTICE}.1.deferred`] }],
    ['another mail', { message: ['Original-Envelope-Id: 12345'], returned: ['Message-ID: <abc@example.org>'] }],
    ['nothing', { message: ['Reporting-MTA: dns; x'] }],
    ['a name with a path in it', { message: [`Original-Envelope-Id: ../queue/${NOTICE}`] }],
    ['a Message-ID that only contains one', { message: ['Reporting-MTA: dns; x'], returned: [`Message-ID: <x${NOTICE}@example.org>`] }],
  ])('is not ours if it names %s', (_, parts) => {
    const { confirmations, rejected } = translate(reportWith(parts));
    expect(confirmations).toEqual([]);
    expect(rejected[0]?.reason).toMatch(/^the report is not about a notice/);
  });
});

describe('what it proves', () => {
  const outcome = (...recipients: string[][]): unknown => {
    const { confirmations = [], rejected } = translate(reportWith({ recipients }));
    const [first] = confirmations;
    return first ? (first.evidence ?? first.failed) : rejected[0]?.reason;
  };

  it('is the worst of several recipients', () => {
    const delivered = recipient('delivered', '2.0.0');
    expect(outcome(delivered, delivered)).toBe('delivered');
    expect(outcome(delivered, recipient('expanded', '2.0.0'))).toBe('relayed');
    expect(outcome(delivered, recipient('delayed', '4.4.1'))).toMatch(/^delayed: nothing is decided yet/);
    expect(outcome(recipient('delayed', '4.4.1'), recipient('failed', '5.2.2', 'Diagnostic-Code: smtp; 552 5.2.2 full'), delivered)).toBe(
      'undeliverable: 5.2.2, 552 5.2.2 full',
    );
  });

  it.each([
    ['an action that contradicts its status', recipient('delivered', '5.1.1')],
    ['no status', ['Action: delivered']],
    ['an unknown action', recipient('eaten', '2.0.0')],
    ['no action', ['Status: 2.0.0']],
    ['an action of another name', recipient('__proto__', '2.0.0')],
  ])('is nothing with %s', (_, fields) => {
    expect(outcome(fields)).toMatch(/^the report proves nothing: action /);
    expect(outcome(recipient('delivered', '2.0.0'), fields)).toMatch(/^the report proves nothing: action /);
  });

  it('reads words in any case and with comments', () => {
    expect(outcome(['ACTION: Delivered (to mailbox)', 'status:2.1.5 (ok)'])).toBe('delivered');
    expect(outcome(['Action: failed'])).toBe('undeliverable: no reason is given');
  });

  it('does not stop reading before the failure', () => {
    const many = Array.from({ length: 150 }, () => recipient('delivered', '2.0.0'));
    expect(outcome(...many, recipient('failed', '5.1.1'))).toBe('the report names more than 99 recipients');
  });

  it.each([
    ['Last-Attempt-Date: Sun, 22 Nov 2026 04:05:06 -0500', '2026-11-22T09:05:06.000Z'],
    ['Last-Attempt-Date: 1 Jan 2026 00:00 GMT', '2026-01-01T00:00:00.000Z'],
    ['Last-Attempt-Date: yesterday 3', '2026-11-22T21:13:18.000Z'],
    ['Last-Attempt-Date: Sun, 22 Nov 2026 04:05:06', '2026-11-22T21:13:18.000Z'],
    ['Last-Attempt-Date: 99 Nov 2026 04:05:06 +0000', '2026-11-22T21:13:18.000Z'],
  ])('happened at the last attempt, or when it was reported: %s', (date, at) => {
    expect(translate(reportWith({ recipients: [recipient('delivered', '2.0.0', date)] })).confirmations).toMatchObject([{ at }]);
  });

  it('has a digest for a reference where the report has no id', () => {
    const [draft] = translate(reportWith({ mail: ['Subject: x'] })).confirmations ?? [];
    expect(draft?.reference).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(draft).not.toHaveProperty('at');
  });
});

describe('how it is wrapped', () => {
  const status = reportWith().split('\r\n\r\n').slice(3, 5).join('\r\n\r\n');
  it.each([
    ['quoted-printable', status.replaceAll('2.0.0', '=32.0=2E0').replace('Final', 'Fi=\r\nnal')],
    ['base64', Buffer.from(status).toString('base64')],
    ['8bit', status],
  ])('in %s', (encoding, text) => {
    const statusHeader = ['Content-Type: message/global-delivery-status; charset="utf-8"', `Content-Transfer-Encoding: ${encoding}`];
    expect(translate(reportWith({ status: text, statusHeader })).confirmations).toMatchObject([{ evidence: 'delivered' }]);
  });

  it.each([
    [
      'an ordinary mail',
      'Subject: Re: failed\n\nAction: delivered\nStatus: 2.0.0\n',
      'not a delivery report: expected multipart/report, found "text/plain"',
    ],
    [
      'a read receipt',
      reportWith({ type: 'multipart/report; report-type=disposition-notification; boundary=b' }),
      'a report of another sort: "disposition-notification"',
    ],
    [
      'a forwarded report',
      `Content-Type: message/rfc822\n\n${reportWith()}`,
      'not a delivery report: expected multipart/report, found "message/rfc822"',
    ],
    ['a report without a boundary', reportWith({ type: 'multipart/report' }), 'the report names no boundary between its parts'],
    [
      'a report without a status',
      reportWith({ statusHeader: ['Content-Type: text/plain'] }),
      'the report has no part of type message/delivery-status',
    ],
    ['a report of nobody', reportWith({ recipients: [] }), 'the report names no recipient'],
    ['no header', '\n\nhello', 'this is no mail: it has no header'],
    [
      'more than a mail',
      `Subject: x\n\n${'x'.repeat(MAX_MAIL_BYTES)}`,
      `not a delivery report: the mail has ${MAX_MAIL_BYTES + 12} bytes, at most ${MAX_MAIL_BYTES} are read`,
    ],
  ])('is not read from %s', (_, text, reason) => {
    expect(translate(text)).toEqual({ events: [], confirmations: [], rejected: [{ where: 'input', reason }] });
  });

  it('in what was made to cost much, at little cost', () => {
    const room = MAX_MAIL_BYTES - 2_000;
    const bombs = [
      `${'Content-Type: multipart/report; boundary=b\n\n--b\n'.repeat(room / 50)}`,
      reportWith({ returned: ['--b\r\n'.repeat(room / 5)] }),
      reportWith({ message: [`X: y\r\n${' z\r\n'.repeat(room / 4)}`] }),
      reportWith({ message: ['X: y', ' '.repeat(room)] }),
      reportWith({ message: ['\r\n'.repeat(room / 2)] }),
      reportWith({ type: `multipart/report; boundary=b${'; a*0*=b'.repeat(room / 10)}` }),
      reportWith({ type: `multipart/report; boundary=b ${'('.repeat(room)}` }),
      reportWith({
        status: '= '.repeat(room / 2),
        statusHeader: ['Content-Type: message/delivery-status', 'Content-Transfer-Encoding: quoted-printable'],
      }),
      reportWith({ returned: [`Message-ID: <${'<'.repeat(room)}`], message: ['A: b'] }),
      reportWith({ message: [`Original-Envelope-Id: ${'+41'.repeat(room / 3)}`] }),
      'From \n\n'.repeat(room / 7),
    ];
    // All of them take two seconds; reading one of them in quadratic time takes longer than any test may.
    for (const bomb of bombs) expect(translate(bomb).events).toEqual([]);
  });
});
