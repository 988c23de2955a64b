import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { adapter } from '../../src/adapters/dsn/index.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { create } from '../../src/senders/smtp/index.ts';
import { type Disturbance, startDroppingProxy } from '../support/dropping-proxy.ts';
import { attemptFor, NOTICE, type TestContext, testContext, until } from '../support/loopback-attempt.ts';
import { type ScriptedServer, startScriptedServer } from '../support/senders/scripted-smtp.ts';
import { LOCAL_DOMAIN, LOGIN, type Postfix, REPORTS_TO, startPostfix, whyNoPostfix } from './postfix.ts';

const why = whyNoPostfix();
if (why !== null) console.warn(`test/smtp is skipped: ${why}`);

/** Postfix retries every second, on a machine that may be busy. */
const PATIENCE_MS = 45_000;
const RUN = `${process.pid}`;

describe.skipIf(why !== null)('a real Postfix', () => {
  let postfix: Postfix;
  let next: ScriptedServer;
  let context: TestContext;
  let counter = 0;
  const opened: (() => unknown)[] = [];

  beforeAll(async () => {
    next = await startScriptedServer({}, []);
    postfix = await startPostfix(next.port);
    context = testContext({ PASSWORD: LOGIN.password, WRONG: 'Tr0ub4dor&3' });
  });
  afterAll(async () => {
    await postfix?.stop();
    await next?.close();
    context?.remove();
  });
  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close();
  });

  /** A notice of its own, so that its mails and reports are told apart. */
  const noticeOf = (user: string): typeof NOTICE => ({
    ...NOTICE,
    id: `20261122T030000.${String(++counter).padStart(3, '0')}Z_${RUN}_${user}_3f9a2c1b7d4e`,
  });

  async function send(user: string, settings: object = {}, signal = new AbortController().signal): Promise<{ outcome: Outcome; id: string }> {
    const sender = create({ host: '127.0.0.1', port: postfix.ports.plain, tls: 'none', from: `Night watch <${REPORTS_TO}>`, ...settings }, context);
    opened.push(() => sender.close?.());
    const notice = noticeOf(user);
    const outcome = await sender.attempt(attemptFor({ notice, address: `${user}@${LOCAL_DOMAIN}` }), signal);
    return { outcome, id: notice.id };
  }

  const mailsAbout = (user: string, id: string): string[] =>
    postfix
      .mailbox(user)
      .map(String)
      .filter((mail) => mail.includes(id));

  /** What the adapter says of the report on a notice, once it has come back. */
  async function reportOn(id: string): Promise<ReturnType<typeof adapter.translate>> {
    await until(() => mailsAbout('reports', id).length > 0, `a report on ${id}: ${postfix.log()}`, PATIENCE_MS);
    return adapter.translate(Buffer.from(mailsAbout('reports', id)[0] as string));
  }

  it('takes a mail, has it in its mailbox, and says so', async () => {
    const { outcome, id } = await send('operator');
    expect(outcome).toMatchObject({ kind: 'proved', level: 'accepted', reference: expect.stringMatching(/^[0-9A-F]{8,}$/) });
    await until(() => mailsAbout('operator', id).length > 0, 'the mail in its mailbox', PATIENCE_MS);
    const [mail = ''] = mailsAbout('operator', id);
    const end = mail.indexOf('\n\n');
    const header = mail.slice(0, end);
    const ours = header
      .replace(/\n[ \t]+/g, ' ')
      .split('\n')
      .filter((line) => !/^(Return-Path|X-Original-To|Delivered-To|Received): /.test(line));
    expect(ours.map((line) => line.split(':', 1)[0]).sort()).toEqual(
      ['Auto-Submitted', 'Content-Transfer-Encoding', 'Content-Type', 'Date', 'From', 'MIME-Version', 'Message-ID', 'Subject', 'To'].sort(),
    );
    expect(ours).toEqual(
      expect.arrayContaining([
        'From: Night watch <reports@example.org>',
        'To: operator@example.net',
        'Subject: job/nightly-backup failed',
        `Message-ID: <${id}@example.org>`,
        'Date: Sun, 22 Nov 2026 03:00:01 +0000',
        'Auto-Submitted: auto-generated',
        'Content-Type: text/plain; charset=utf-8',
      ]),
    );
    expect(mail.slice(end + 2)).toBe(`exit status 2\nno space left on the backup disk\n\n[rg:${id}]\n`);
    expect(header).toContain(outcome.kind === 'proved' ? `id ${outcome.reference}` : 'an id');

    const { confirmations } = await reportOn(id);
    expect(confirmations).toMatchObject([{ handoff: `${id}.1`, evidence: 'delivered', by: 'dsn:mail.example.org' }]);
  });

  it('refuses an unknown recipient for good', async () => {
    const { outcome, id } = await send('nobody');
    expect(outcome).toEqual({
      kind: 'rejected',
      reason: expect.stringContaining('550 5.1.1 <nobody@example.net>: Recipient address rejected: User unknown'),
    });
    expect(mailsAbout('reports', id)).toEqual([]);
  });

  it('wants a greylisted mail to come again', async () => {
    const { outcome } = await send('greylisted');
    expect(outcome).toEqual({
      kind: 'retryable',
      reason: expect.stringContaining('450 4.2.0 <greylisted@example.net>: Recipient address rejected: greylisted'),
    });
    expect(postfix.mailbox('greylisted')).toEqual([]);
  });

  it('takes a mail that turns out to be undeliverable, and says so later', async () => {
    const { outcome, id } = await send('vanished');
    expect(outcome).toMatchObject({ kind: 'proved', level: 'accepted' });
    expect((await reportOn(id)).confirmations).toMatchObject([{ handoff: `${id}.1`, failed: 'undeliverable: 5.1.1, user unknown' }]);
  });

  it('says that a mail is delayed, which decides nothing', async () => {
    const { id } = await send('slow');
    const { confirmations, rejected } = await reportOn(id);
    expect(confirmations).toEqual([]);
    expect(rejected).toMatchObject([{ reason: expect.stringMatching(/^delayed: nothing is decided yet/) }]);
  });

  it('proves no more than relaying where the next server does not report', async () => {
    const { id } = await send('relayed');
    expect((await reportOn(id)).confirmations).toMatchObject([{ handoff: `${id}.1`, evidence: 'relayed' }]);
    expect(next.mails.filter(({ text }) => text.includes(id))).toHaveLength(1);
  });

  describe('and TLS', () => {
    const login = { user: LOGIN.user, password: { env: 'PASSWORD' } };
    const wrong = { ...login, password: { env: 'WRONG' } };

    it.each(['required', 'implicit'] as const)('sends nothing where it is %s and the server has none', async (tls) => {
      const { outcome, id } = await send('operator', { tls, ca: postfix.ca });
      expect(outcome).toEqual({ kind: 'retryable', reason: expect.stringMatching(/^nothing was sent to 127\.0\.0\.1: no TLS/) });
      expect(postfix.log()).not.toContain(id);
    });

    it.each([
      ['required', 'startTls'],
      ['implicit', 'implicit'],
    ] as const)('sends where it is %s and the CA is ours', async (tls, port) => {
      const { outcome, id } = await send('operator', { tls, port: postfix.ports[port], ca: postfix.ca, ...login });
      expect(outcome).toMatchObject({ kind: 'proved', level: 'accepted' });
      await until(() => mailsAbout('operator', id).length > 0, 'the mail in its mailbox', PATIENCE_MS);
      // ESMTPSA: encrypted and logged in (RFC 3848).
      expect(mailsAbout('operator', id)[0]).toContain('with ESMTPSA');
    });

    it.each([
      ['required', 'startTls'],
      ['implicit', 'implicit'],
    ] as const)('sends nothing where it is %s and nobody vouches for the certificate', async (tls, port) => {
      const { outcome, id } = await send('operator', { tls, port: postfix.ports[port], ...login });
      expect(outcome).toEqual({ kind: 'retryable', reason: expect.stringContaining('no TLS (DEPTH_ZERO_SELF_SIGNED_CERT)') });
      expect(postfix.log()).not.toContain(id);
    });

    it('sends encrypted where it is opportunistic, whoever vouches for the certificate', async () => {
      const { outcome, id } = await send('operator', { tls: 'opportunistic', port: postfix.ports.startTls, ...login });
      expect(outcome).toMatchObject({ kind: 'proved', level: 'accepted' });
      await until(() => mailsAbout('operator', id).length > 0, 'the mail in its mailbox', PATIENCE_MS);
      expect(mailsAbout('operator', id)[0]).toContain('with ESMTPSA');
    });

    it('refuses a wrong password, which nobody gets to see', async () => {
      const { outcome } = await send('operator', { tls: 'required', port: postfix.ports.startTls, ca: postfix.ca, ...wrong });
      expect(outcome).toEqual({ kind: 'rejected', reason: expect.stringContaining('535 5.7.8') });
      expect(JSON.stringify(outcome)).not.toContain('Tr0ub4dor');
    });
  });

  describe('and a connection that is disturbed', () => {
    async function through(disturbance: Disturbance, signal?: AbortSignal): Promise<{ outcome: Outcome; id: string; dropped: number }> {
      const proxy = await startDroppingProxy(postfix.ports.plain, disturbance);
      opened.push(proxy.close);
      const limit = new AbortController();
      if (disturbance === 'hang after the dot') {
        void until(() => proxy.dropped > 0, 'the server answers', PATIENCE_MS).finally(() => limit.abort());
      }
      const sent = await send('operator', { port: proxy.port }, signal ?? limit.signal);
      return { ...sent, dropped: proxy.dropped };
    }

    it.each([
      ['after the dot', /^127\.0\.0\.1 may have it: (the server closed the connection|the connection was reset)/],
      ['hang after the dot', /^127\.0\.0\.1 may have it: cut off by the time limit before the server answered$/],
    ] as const)('is in doubt %s, and the mail is there', async (disturbance, reason) => {
      const { outcome, id, dropped } = await through(disturbance);
      expect(outcome).toEqual({ kind: 'ambiguous', reason: expect.stringMatching(reason) });
      expect(dropped).toBe(1);
      await until(() => mailsAbout('operator', id).length > 0, 'the mail in its mailbox', PATIENCE_MS);
      // The report comes back all the same, and ends the doubt.
      expect((await reportOn(id)).confirmations).toMatchObject([{ handoff: `${id}.1`, evidence: 'delivered' }]);
    });

    it('is certain that nothing went out before the message, and no mail is there', async () => {
      const { outcome, id, dropped } = await through('before the message');
      expect(outcome).toEqual({
        kind: 'retryable',
        reason: expect.stringMatching(/^nothing was sent to 127\.0\.0\.1: the (server closed the connection|connection was reset)/),
      });
      expect(dropped).toBe(1);
      await send('operator').then(({ id: later }) => until(() => mailsAbout('operator', later).length > 0, 'a later mail', PATIENCE_MS));
      expect(mailsAbout('operator', id)).toEqual([]);
    });

    it('is in doubt in the message, too: what left here, dot and all, may have arrived for all that one can know', async () => {
      const { outcome, id } = await through('in the message');
      expect(outcome.kind).toBe('ambiguous');
      await send('operator').then(({ id: later }) => until(() => mailsAbout('operator', later).length > 0, 'a later mail', PATIENCE_MS));
      expect(mailsAbout('operator', id)).toEqual([]);
    });
  });
});
