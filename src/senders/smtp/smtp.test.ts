import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { attemptFor, canary, NOTICE, testContext, until } from '../../../test/support/loopback-attempt.ts';
import { selfSigned } from '../../../test/support/loopback-certificate.ts';
import { type ScriptedServer, startScriptedServer } from '../../../test/support/senders/scripted-smtp.ts';
import type { Outcome } from '../../model/outcome.ts';
import validate from './generated/config.js';
import { create } from './index.ts';
import { queueIdIn } from './verdict.ts';

const SETTINGS = { host: '127.0.0.1', tls: 'none', from: 'ops@example.org' };
const ADDRESS = 'operator@example.net';
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Turns = Parameters<typeof startScriptedServer>[0];

async function attempt(
  { turns = {}, extensions, settings = {} }: { turns?: Turns; extensions?: string[]; settings?: object },
  changes: Parameters<typeof attemptFor>[0] = {},
  signal = new AbortController().signal,
): Promise<{ outcome: Outcome; server: ScriptedServer }> {
  const server = await startScriptedServer(turns, extensions);
  const context = testContext({ PASSWORD: 'secret-password' });
  const sender = create({ ...SETTINGS, port: server.port, ...settings }, context);
  closing.push(server.close, context.remove, () => sender.close?.());
  return { outcome: await sender.attempt(attemptFor({ address: ADDRESS, ...changes }), signal), server };
}

describe('what an answer means, at every stage', () => {
  const STAGES = ['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'message'] as const;
  const both = (extensions: string[]) => STAGES.map((stage) => [stage, extensions] as const);
  const table = [...both(['PIPELINING', 'DSN']), ...both([])];

  it.each(table)('5xx at %s (%j) is a refusal for good', async (stage, extensions) => {
    const turns = { [stage]: '554 5.7.1 not you', ...(stage === 'EHLO' ? { greeting: '554 5.7.1 not you' } : {}) };
    const { outcome } = await attempt({ turns, extensions });
    expect(outcome).toEqual({ kind: 'rejected', reason: expect.stringMatching(/^127\.0\.0\.1 refused it: 554 5\.7\.1 not you/) });
  });

  it.each(table)('4xx at %s (%j) is a refusal for now', async (stage, extensions) => {
    for (const code of [421, 451]) {
      const { outcome } = await attempt({ turns: { [stage]: `${code} 4.3.2 not now` }, extensions });
      // After EHLO was refused HELO is tried, which this server does not know.
      if (stage === 'EHLO' && code === 451) expect(outcome.kind).toBe('rejected');
      else expect(outcome).toMatchObject({ kind: 'retryable' });
    }
  });

  it.each(table.filter(([stage]) => stage !== 'message'))('a break at %s (%j) proves that nothing went out', async (stage, extensions) => {
    for (const turn of ['close', 'reset', { raw: '' }, { raw: '25' }] as const) {
      const { outcome, server } = await attempt({ turns: { [stage]: turn }, extensions });
      expect(outcome, JSON.stringify(turn)).toEqual({ kind: 'retryable', reason: expect.stringMatching(/^nothing was sent to 127\.0\.0\.1: /) });
      expect(server.mails).toEqual([]);
    }
  });

  it.each([
    ['close'],
    ['reset'],
    [{ raw: '250 2.0.0 Ok: que' }],
    [{ raw: '250-2.0.0 Ok\r\n' }],
    [{ raw: '550 5.0.0 the end of this li' }],
    ['999 what?'],
    ['354 more?'],
    ['hello'],
  ] as const)('%j after the dot leaves a doubt', async (turn) => {
    const { outcome, server } = await attempt({ turns: { message: turn } });
    expect(outcome).toEqual({ kind: 'ambiguous', reason: expect.stringMatching(/^127\.0\.0\.1 may have it: /) });
    expect(server.mails).toHaveLength(1);
  });

  it('a connection that is refused proves that nothing went out', async () => {
    const server = await startScriptedServer();
    await server.close();
    const sender = create({ ...SETTINGS, port: server.port }, testContext());
    expect(await sender.attempt(attemptFor({ address: ADDRESS }), new AbortController().signal)).toEqual({
      kind: 'retryable',
      reason: 'nothing was sent to 127.0.0.1: connection refused (ECONNREFUSED)',
    });
  });

  it.each(['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA'] as const)('a server that hangs at %s has nothing when time is up', async (stage) => {
    const limit = new AbortController();
    const server = await startScriptedServer({ [stage]: 'hang' });
    const sender = create({ ...SETTINGS, port: server.port }, testContext());
    closing.push(server.close, () => sender.close?.());
    const running = sender.attempt(attemptFor({ address: ADDRESS }), limit.signal);
    const reached = (): boolean => (stage === 'greeting' ? server.connections > 0 : server.commands.some((command) => command.startsWith(stage)));
    await until(reached, `the session comes to ${stage}`);
    limit.abort();
    expect(await running).toEqual({ kind: 'retryable', reason: 'nothing was sent to 127.0.0.1: cut off by the time limit' });
    expect(server.mails).toEqual([]);
  });
});

describe('what is sent', () => {
  it('asks for reports with the name of the attempt', async () => {
    const { outcome, server } = await attempt({});
    expect(outcome).toEqual({
      kind: 'proved',
      level: 'accepted',
      reference: '4XyZ12',
      detail: '127.0.0.1 took it; a delivery report was asked for: 250 2.0.0 Ok: queued as 4XyZ12',
    });
    expect(server.commands).toEqual(
      expect.arrayContaining([
        `MAIL FROM:<ops@example.org> RET=HDRS ENVID=${NOTICE.id}.1`,
        `RCPT TO:<${ADDRESS}> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;${ADDRESS}`,
      ]),
    );
  });

  it('ends with a good-bye, and without one where the server has none to say', async () => {
    const polite = await attempt({});
    await until(() => polite.server.commands.includes('QUIT'), 'the session ends');
    const silent = await attempt({ turns: { QUIT: 'hang' } });
    expect(silent.outcome.kind).toBe('proved');
    expect(silent.server.open()).toBe(1);
    await until(() => silent.server.open() === 0, 'the connection is closed');
  });

  it('says that the server offers no reports', async () => {
    const { outcome, server } = await attempt({ extensions: [] });
    expect(outcome).toMatchObject({ detail: expect.stringContaining('the server offers no delivery reports (DSN)') });
    expect(server.commands).toEqual(expect.arrayContaining(['MAIL FROM:<ops@example.org>', `RCPT TO:<${ADDRESS}>`]));
  });

  it('leaves the envelope id out where it would be too long for the protocol, and keeps the Message-ID', async () => {
    const id = `20261122T030000.000Z_${'r'.repeat(60)}_${'t'.repeat(60)}_3f9a2c1b7d4e`;
    const { server } = await attempt({}, { notice: { ...NOTICE, id } });
    expect(server.commands).toContain('MAIL FROM:<ops@example.org> RET=HDRS');
    expect(server.mails[0]?.text).toContain(`<${id}@example.org>`);
  });

  it('is the same Message-ID at every attempt, with the time of the attempt', async () => {
    const first = await attempt({}, { number: 1 });
    const second = await attempt({}, { number: 2, now_ms: Date.parse('2026-11-22T04:00:00Z') });
    const ids = [first, second].map(({ server }) => /Message-ID:\s*(<.*>)/.exec(server.mails[0]?.text ?? '')?.[1]);
    expect(ids).toEqual([`<${NOTICE.id}@example.org>`, `<${NOTICE.id}@example.org>`]);
    expect(second.server.mails[0]?.text).toContain('\r\nDate: Sun, 22 Nov 2026 04:00:00 +0000\r\n');
  });

  it('has no header but ours, whatever the title says', async () => {
    const title = 'failed\r\nBcc: evil@example.com\r\n\r\nbody =?UTF-8?Q?x=0D=0ABcc:_y?=\u2028X: y';
    const { server } = await attempt({}, { notice: { ...NOTICE, title } });
    const header = (server.mails[0]?.text ?? '').split('\r\n\r\n')[0] ?? '';
    expect(header).not.toMatch(/^(Bcc|X):/im);
    expect(header.replace(/\r\n[ \t]+/g, ' ').split('\r\n')).toHaveLength(9);
    expect(server.commands.filter((command) => command.startsWith('RCPT'))).toHaveLength(1);
  });

  it('has a long title whole in the text, and ends where we say so', async () => {
    const title = `${'long '.repeat(59)}title`;
    const text = 'one\n.\n..two\r\n.\r\nMAIL FROM:<x@example.com>';
    const { outcome, server } = await attempt({}, { notice: { ...NOTICE, title, text } });
    expect(outcome.kind).toBe('proved');
    const mail = server.mails[0]?.text ?? '';
    const body = mail.slice(mail.indexOf('\r\n\r\n') + 4).replace(/=\r\n/g, '');
    expect(body).toBe(`${title}\r\n\r\none\r\n.\r\n..two\r\n.\r\nMAIL FROM:<x@example.com>\r\n\r\n[rg:${NOTICE.id}]\r\n`);
    expect(server.commands.filter((command) => command.startsWith('MAIL'))).toHaveLength(1);
  });

  it.each([
    undefined,
    '',
    'operator',
    'a@example.net, b@example.net',
    'a@example.net b@example.net',
    'A <a@example.net>',
    'a@example.net>\r\nRCPT TO:<b@example.net',
    'a@b@example.net',
    'm\u00fcller@example.net',
    'a@',
  ])('is nothing where the address is %j', async (address) => {
    const { outcome, server } = await attempt({}, { address });
    expect(outcome).toEqual({ kind: 'retryable', reason: expect.stringMatching(/^nothing was sent: `address` of the target/) });
    expect(server.commands).toEqual([]);
  });

  it.each(['mailto:operator@example.net', ' operator+night@sub.example.net ', 'operator@[192.0.2.1]'])('goes to %j', async (address) => {
    const { outcome } = await attempt({}, { address });
    expect(outcome.kind).toBe('proved');
  });
});

describe('passwords', () => {
  const login = { user: 'rgov', password: { env: 'PASSWORD' } };

  it.each([
    ['none', 'mail.example.org', false],
    ['opportunistic', 'mail.example.org', false],
    ['opportunistic', '127.evil.example', false],
    ['opportunistic', 'localhost.example.org', false],
    ['required', 'mail.example.org', true],
    ['implicit', 'mail.example.org', true],
    ['none', '127.0.0.1', true],
    ['none', 'localhost', true],
    ['opportunistic', '::1', true],
  ])('with tls %s to %s: allowed %s', (tls, host, allowed) => {
    expect(validate({ ...SETTINGS, tls, host })).toBe(true);
    expect(validate({ ...SETTINGS, tls, host, ...login })).toBe(allowed);
  });

  it('are never sent in clear text, even by settings that nobody checked', async () => {
    const server = await startScriptedServer({}, ['AUTH PLAIN']);
    closing.push(server.close);
    // Linux takes 0 for this machine, and nothing here takes it for loopback.
    const sender = create({ ...SETTINGS, host: '0', port: server.port, ...login }, testContext({ PASSWORD: canary() }));
    const outcome = await sender.attempt(attemptFor({ address: ADDRESS }), new AbortController().signal);
    expect(outcome).toEqual({ kind: 'retryable', reason: 'nothing was sent to 0: no password goes over a connection that is not encrypted' });
    expect(server.commands.filter((command) => /^(AUTH|MAIL)/.test(command))).toEqual([]);
  });

  it('stand by themselves in the settings: no user without one, none written out, no CA that is not used', () => {
    expect(validate({ ...SETTINGS, user: 'rgov' })).toBe(false);
    expect(validate({ ...SETTINGS, password: { env: 'PASSWORD' } })).toBe(false);
    expect(validate({ ...SETTINGS, user: 'rgov', password: 'written out' })).toBe(false);
    expect(validate({ ...SETTINGS, ca: 'ca.pem' })).toBe(false);
    expect(validate({ ...SETTINGS, tls: 'required', ca: 'ca.pem' })).toBe(true);
    expect(validate({ host: '127.0.0.1', from: 'ops@example.org' })).toBe(false);
  });

  it('are refused for good or for now, as the server says', async () => {
    const extensions = ['AUTH PLAIN'];
    expect((await attempt({ turns: { AUTH: '535 5.7.8 no' }, extensions, settings: login })).outcome.kind).toBe('rejected');
    expect((await attempt({ turns: { AUTH: '454 4.7.0 later' }, extensions, settings: login })).outcome.kind).toBe('retryable');
  });
});

describe('TLS that is required', () => {
  it.each([
    ['is not offered', [], '502 5.5.1 no'],
    ['is not available', ['STARTTLS'], '454 4.7.0 TLS not available'],
    ['is refused', ['STARTTLS'], '554 5.7.3 no'],
  ])('and %s: nothing is sent, and it may be tried again', async (_, extensions, answer) => {
    const { outcome, server } = await attempt({ turns: { STARTTLS: answer }, extensions, settings: { tls: 'required' } });
    expect(outcome).toEqual({ kind: 'retryable', reason: expect.stringMatching(/^nothing was sent to 127\.0\.0\.1: no TLS \(ETLS\)/) });
    expect(server.commands.filter((command) => command.startsWith('MAIL'))).toEqual([]);
  });

  it('is not needed where it is opportunistic', async () => {
    for (const extensions of [[], ['STARTTLS']]) {
      const { outcome } = await attempt({ turns: { STARTTLS: '454 4.7.0 TLS not available' }, extensions, settings: { tls: 'opportunistic' } });
      expect(outcome.kind).toBe('proved');
    }
  });

  it('is closed at once when time is up, too', async () => {
    const { key, cert } = selfSigned();
    let open = 0;
    const server = createServer({ key, cert }, (socket) => {
      open++;
      socket.on('error', () => {}).on('close', () => open--);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const context = testContext();
    writeFileSync(join(context.workspace, 'ca.pem'), cert);
    closing.push(() => server.close(), context.remove);
    const sender = create({ ...SETTINGS, tls: 'implicit', ca: 'ca.pem', port: (server.address() as AddressInfo).port }, context);
    const limit = new AbortController();
    const running = sender.attempt(attemptFor({ address: ADDRESS }), limit.signal);
    await until(() => open > 0, 'the connection is encrypted');
    limit.abort();
    expect(await running).toEqual({ kind: 'retryable', reason: 'nothing was sent to 127.0.0.1: cut off by the time limit' });
    await until(() => open === 0, 'the connection is closed');
  });

  it('needs its CA file', async () => {
    const { outcome, server } = await attempt({ settings: { tls: 'required', ca: 'missing.pem' } });
    expect(outcome).toEqual({ kind: 'retryable', reason: 'nothing was sent: the file of `with.ca` cannot be read (ENOENT)' });
    expect(server.commands).toEqual([]);
  });
});

it.each([
  // Postfix, Exim, Sendmail, OpenSMTPD, qmail, Exchange, in the words of their manuals and sources.
  ['250 2.0.0 Ok: queued as 4F2B31234', '4F2B31234'],
  ['250 2.0.0 Ok: queued as 4XyZ12abcDz9Q', '4XyZ12abcDz9Q'],
  ['250 OK id=1tEhXY-000000004Rb-0aBc', '1tEhXY-000000004Rb-0aBc'],
  ['250 2.0.0 5AMLDI1x012345 Message accepted for delivery', '5AMLDI1x012345'],
  ['250 2.0.0 e9a1c2d3 Message accepted for delivery', 'e9a1c2d3'],
  ['250 ok 1763845200 qp 12345', '250 ok 1763845200 qp 12345'],
  ['250 2.6.0 <a@b> [InternalId=123, Hostname=h] Queued mail for delivery', '250 2.6.0 <a@b> [InternalId=123, Hostname=h] Queued mail for delivery'],
])('finds the queue id in %j', (answer, id) => {
  expect(queueIdIn(answer)).toBe(id);
});
