import { afterEach, describe, expect, it } from 'vitest';
import type { Statement, Verdict } from '../../src/run/confirm.ts';
import { addEvidence } from '../../src/run/evidence.ts';
import { Publisher } from '../../src/store/publish.ts';
import { accept, failedRun, NOON_MS, resolvedSender, type Script } from '../support/world.ts';
import { delivered, inCustody, OneNotice, upstream } from './support.ts';

let world: OneNotice;
afterEach(() => world.remove());

const told = (verdict: Verdict): string =>
  'error' in verdict
    ? `${verdict.status} ${verdict.error.kind}: ${verdict.error.message}`
    : verdict.status === 'known'
      ? `known: ${verdict.detail}`
      : 'recorded';

describe('what another system proves', () => {
  it('makes a pending notice acked, and nobody is told that it is overdue', async () => {
    world = await OneNotice.sent();
    expect(world.revisions()).toEqual(['1.pending_external_send']);
    expect(told(await world.confirm({ ...delivered, by: 'gateway', at: '2026-11-22T11:59:30.000Z', detail: 'read by\nthe phone' }))).toBe('recorded');
    expect(world.revisions()).toEqual(['1.pending_external_send', '2.acked']);
    expect(world.receipt(2)).toMatchObject({
      status: 'acked',
      reason: 'evidence_sufficient',
      evidence: [{ level: 'delivered', by: 'report:gateway', at: '2026-11-22T11:59:30.000Z', reference: 'gw-4711', detail: 'read by the phone' }],
      previous: { path: expect.stringMatching(/\.1\.pending_external_send\.json$/) },
    });
    await world.again({ now_ms: NOON_MS + 3_600_000 });
    expect(world.raised()).toEqual([]);
  });

  it('but less than the notice requires leaves it pending, and overdue by its deadline', async () => {
    world = await OneNotice.sent();
    expect(told(await world.confirm({ evidence: 'accepted', reference: 'gw-1' }))).toBe('recorded');
    expect(world.receipt(2)).toMatchObject({ status: 'pending_external_send', evidence: [{ level: 'accepted', by: 'report:test' }] });
    await world.again({ now_ms: NOON_MS + 3_600_000 });
    expect(world.raised()).toEqual(['notice.overdue']);
  });

  it('is never above what the sender of the handoff can prove', async () => {
    world = await OneNotice.sent(upstream('accepted', { senders: { hook: resolvedSender({ ceiling: 'accepted' }) } }));
    const verdict = await world.confirm(delivered);
    expect(told(verdict)).toBe('refused negative: nothing was written: delivered is more than hook can prove, whose ceiling is accepted');
    expect('error' in verdict && verdict.error.hint).toBe(`if a human was told: rgov ack ${world.name} --by NAME`);
    expect(world.revisions()).toEqual(['1.pending_external_send']);
  });

  it('is nothing where the sender can prove nothing', async () => {
    world = await OneNotice.sent(upstream('accepted', { senders: { hook: resolvedSender({ ceiling: 'none' }) } }));
    expect(told(await world.confirm({ evidence: 'accepted', reference: 'x' }))).toMatch(/^refused negative: .* whose ceiling is none$/);
    expect(told(await world.confirm({ failed: 'gone' }))).toBe('recorded');
    expect(world.revisions()).toEqual(['1.pending_external_send', '2.blocked']);
  });

  it('never is that a human has acknowledged it, whoever says so', async () => {
    world = await OneNotice.sent(upstream('delivered', { senders: { hook: resolvedSender({ ceiling: 'acknowledged' }) } }));
    const acknowledged = { evidence: 'acknowledged', reference: 'x' } as unknown as Statement;
    expect(told(await world.confirm(acknowledged))).toMatch(/^refused usage: no confirmation: \/evidence must be equal to one of the allowed values/);
    for (const by of ['human:alice', 'sender:hook', 'report:human:alice', '  human:alice']) {
      expect(told(await world.confirm({ ...delivered, by }))).toMatch(/^refused negative: .* is no name of a reporting system$/);
    }
    expect(world.revisions()).toEqual(['1.pending_external_send']);
  });

  it('counts before there is a receipt, and what the sender then says is recorded beside it', async () => {
    world = new OneNotice(upstream());
    await world.record([failedRun('1')]);
    const send: Script = async (attempt) => {
      world.name = attempt.notice.id;
      expect(told(await world.confirm(delivered, { alive: true }))).toBe('recorded');
      return { kind: 'proved', level: 'delivered', reference: 'late' };
    };
    await world.again({ send });
    expect(world.revisions()).toEqual(['1.acked', '2.acked']);
    expect(world.receipt(2).evidence.map(({ by }) => by)).toEqual(['report:test', 'sender:hook']);
    expect(world.sent).toHaveLength(1);
  });

  it('before there is a receipt, and less than required, is a first receipt in the custody of who says so', async () => {
    world = new OneNotice(upstream());
    await world.record([failedRun('1')]);
    await world.again({ send: () => ({ kind: 'retryable', reason: 'busy' }) });
    world.name = world.names()[0] ?? '';
    expect(told(await world.confirm({ evidence: 'relayed', reference: 'r', by: 'gateway' }))).toBe('recorded');
    expect(world.receipt(1)).toMatchObject({
      status: 'pending_external_send',
      reason: 'evidence_insufficient',
      custody: 'gateway',
      ceiling: 'delivered',
    });
    await world.again({ now_ms: NOON_MS + 60_000 });
    expect(world.sent, 'what another system has is not sent again').toHaveLength(1);
  });

  it('of an earlier attempt through another way counts by the ceiling of that way', async () => {
    const senders = {
      hook: resolvedSender({ ceiling: 'delivered', retry: { attempts: 1, initial_ms: 1, factor: 1, max_ms: 1 } }),
      other: resolvedSender({ name: 'other' }),
    };
    const targets = { operator: { sender: 'hook', fallback: ['second'] }, second: { sender: 'other' } };
    world = await OneNotice.sent(upstream('delivered', { senders, targets }), ({ number }) =>
      number === 1 ? { kind: 'retryable', reason: 'busy' } : { kind: 'proved', level: 'accepted', reference: 'a' },
    );
    expect(world.revisions()).toEqual(['1.pending_external_send']);
    expect(told(await world.confirm({ ...delivered, handoff: `${world.name}.2` }))).toMatch(
      /^refused negative: .*delivered is more than other can prove/,
    );
    expect(told(await world.confirm({ ...delivered, handoff: `${world.name}.1` }))).toBe('recorded');
    expect(world.receipt(2)).toMatchObject({ status: 'acked', ceiling: 'delivered', handoff: { path: expect.stringMatching(/\.1\.json$/) } });
    const report = await world.again();
    expect(report.quarantined).toEqual([]);
  });

  it('said twice is written once', async () => {
    world = await OneNotice.sent();
    await world.confirm(delivered);
    expect(told(await world.confirm(delivered, { now_ms: NOON_MS + 1 }))).toBe('known: report:test has said so before');
    expect(told(await world.confirm({ ...delivered, reference: 'another' }))).toBe('recorded');
    const both = await world.confirmAll([
      { handoff: world.name, evidence: 'accepted', reference: 'a' },
      { handoff: world.name, evidence: 'accepted', reference: 'a' },
    ]);
    expect(both.map(told)).toEqual(['recorded', 'known: report:test has said so before']);
    expect(world.revisions()).toEqual(['1.pending_external_send', '2.acked', '3.acked', '4.acked']);
  });
});

describe('a failure that is reported afterwards', () => {
  it('takes the claim back, and the watchdog says that it bounced', async () => {
    world = await OneNotice.sent(upstream('accepted'), accept);
    expect(world.revisions()).toEqual(['1.acked']);
    expect(told(await world.confirm({ failed: '550 no such user', by: 'mx' }, { now_ms: NOON_MS + 1_000 }))).toBe('recorded');
    expect(world.receipt(2)).toMatchObject({
      status: 'blocked',
      reason: 'bounced',
      detail: 'report:mx: 550 no such user',
      evidence: [],
      custody: null,
    });
    const { receipts } = await world.again({ now_ms: NOON_MS + 2_000 });
    expect(world.raised()).toEqual(['notice.bounced 2']);
    expect(receipts, 'the pass of the bounce tells nobody else of it').toEqual([]);
    await world.again({ now_ms: NOON_MS + 3_000 });
    expect(world.raised()).toEqual(['notice.bounced 2']);
  });

  it('said twice is written once, and an old one does not take back what was proved since', async () => {
    world = await OneNotice.sent(upstream('accepted'), accept);
    const bounce = { failed: 'mailbox full', by: 'mx', at: '2026-11-22T12:00:01.000Z' };
    await world.confirm(bounce);
    expect(told(await world.confirm(bounce, { now_ms: NOON_MS + 5 }))).toBe('known: report:mx has said so before');
    await world.confirm({ ...delivered, by: 'mx' });
    expect(told(await world.confirm(bounce))).toBe('known: report:mx has said so before');
    expect(world.revisions()).toEqual(['1.acked', '2.blocked', '3.acked']);
  });

  it('stays when what it took back is said once more', async () => {
    world = await OneNotice.sent();
    await world.confirm(delivered);
    await world.confirm({ failed: 'bounced' });
    expect(told(await world.confirm(delivered))).toBe('known: report:test has said so before (revision 2), and it was taken back since');
    expect(world.revisions()).toEqual(['1.pending_external_send', '2.acked', '3.blocked']);
  });

  it('weighs less than the word of a human, who stays told', async () => {
    world = await OneNotice.sent();
    const evidence = { level: 'acknowledged', by: 'human:alice', at: '2026-11-22T12:00:00.000Z', reference: 'test' } as const;
    addEvidence(world.layout, new Publisher(world.layout, 'x'), world.name, evidence, null, NOON_MS);
    expect(told(await world.confirm({ failed: 'bounced' }))).toBe('recorded');
    expect(world.receipt(3)).toMatchObject({
      status: 'acked',
      reason: 'acknowledged_by_human',
      evidence: [{ by: 'human:alice' }],
      detail: 'report:test: bounced',
    });
    await world.again();
    expect(world.raised()).toEqual([]);
    expect(told(await world.confirm({ failed: 'bounced' }))).toBe('known: report:test has said so before');
  });

  it('of an attempt without any outcome is its first receipt', async () => {
    world = new OneNotice(upstream('delivered', { senders: { hook: resolvedSender({ ceiling: 'delivered', bridge: 'process' }) } }));
    await world.record([failedRun('1')]);
    await world.again();
    world.name = world.names()[0] ?? '';
    expect(world.revisions()).toEqual([]);
    expect(told(await world.confirm({ failed: 'no such chat' }))).toBe('recorded');
    expect(world.receipt(1)).toMatchObject({ status: 'blocked', reason: 'bounced', ceiling: 'delivered', previous: null });
    await world.again();
    expect(world.sent).toEqual([]);
    expect(world.raised()).toEqual(['notice.bounced 1']);
  });

  it('waits until an attempt that is under way has come to its end', async () => {
    world = new OneNotice(upstream('accepted'));
    await world.record([failedRun('1')]);
    const send: Script = async (attempt) => {
      world.name = attempt.notice.id;
      expect(told(await world.confirm({ failed: 'bounced' }, { alive: true }))).toMatch(/^later negative: attempt 1 of .* is still under way/);
      return accept(attempt);
    };
    await world.again({ send });
    expect(world.revisions()).toEqual(['1.acked']);
    expect(told(await world.confirm({ failed: 'bounced' }, { alive: true }))).toBe('recorded');
    expect(world.revisions()).toEqual(['1.acked', '2.blocked']);
  });

  it('of an attempt that came back already changes nothing: it is tried again', async () => {
    world = await OneNotice.sent(upstream(), () => ({ kind: 'retryable', reason: 'busy' }));
    expect(told(await world.confirm({ failed: 'busy' }))).toBe('known: attempt 1 came back already, and the notice is tried again');
    await world.again({ now_ms: NOON_MS + 60_000, send: accept });
    expect(told(await world.confirm({ failed: 'busy' }))).toMatch(
      /^known: attempt 1 is not the one that the receipt rests on, which is handoffs\/.*\.2\.json$/,
    );
    expect(world.revisions()).toEqual(['1.pending_external_send']);
  });

  it('of an earlier attempt with the same key is about the same message, where the receiver ignores a repeated key', async () => {
    const senders = { hook: resolvedSender({ ceiling: 'delivered', idempotent: true }) };
    world = await OneNotice.sent(upstream('accepted', { senders }), () => ({ kind: 'ambiguous', reason: 'cut off' }));
    await world.again({ now_ms: NOON_MS + 60_000, send: accept });
    expect(world.revisions()).toEqual(['1.acked']);
    expect(told(await world.confirm({ failed: 'bounced' }))).toBe('recorded');
    expect(world.revisions()).toEqual(['1.acked', '2.blocked']);
  });
});

describe('writers at the same moment', () => {
  it('each find a number of their own, and nothing that was proved is lost', async () => {
    world = await OneNotice.sent();
    const verdicts = await Promise.all(
      Array.from({ length: 12 }, (_, i) => world.confirm({ evidence: 'accepted', reference: `ref-${i}` }, { nonce: `w${i}` })),
    );
    expect(verdicts.map(told)).toEqual(Array.from({ length: 12 }, () => 'recorded'));
    const last = world.revisions().length;
    expect(
      world
        .receipt(last)
        .evidence.map(({ reference }) => reference)
        .sort(),
    ).toEqual(Array.from({ length: 12 }, (_, i) => `ref-${i}`).sort());
  });

  it('with the same word leave one of it', async () => {
    world = await OneNotice.sent();
    const verdicts = await Promise.all(Array.from({ length: 6 }, (_, i) => world.confirm(delivered, { nonce: `w${i}` })));
    expect(verdicts.map(({ status }) => status).sort()).toEqual(['known', 'known', 'known', 'known', 'known', 'recorded']);
    expect(world.revisions()).toEqual(['1.pending_external_send', '2.acked']);
  });

  /** A publisher before whose first write somebody else writes. */
  const outrun = (other: () => Promise<unknown>): Publisher => {
    const publisher = new Publisher(world.layout, 'slow');
    const publishAll = publisher.publishAll.bind(publisher);
    let first = true;
    publisher.publishAll = async (items) => {
      if (first) await other();
      first = false;
      return publishAll(items);
    };
    return publisher;
  };

  it('of which one takes back what the other proves: the bounce is not lost behind a proof with the same number', async () => {
    world = await OneNotice.sent();
    const publisher = outrun(() => world.confirm(delivered));
    expect(told(await world.confirm({ failed: 'bounced' }, { publisher }))).toBe('recorded');
    expect(world.revisions()).toEqual(['1.pending_external_send', '2.acked', '2.blocked', '3.blocked']);
    expect(world.receipt(3)).toMatchObject({ reason: 'bounced', previous: { path: expect.stringMatching(/2\.acked\.json$/) } });
  });

  it('of which the later one proves more stand where they are, and nothing that was proved is lost', async () => {
    world = await OneNotice.sent();
    const publisher = outrun(() => world.confirm(delivered));
    expect(told(await world.confirm({ evidence: 'accepted', reference: 'a' }, { publisher }))).toBe('recorded');
    const last = Number.parseInt(world.revisions().at(-1) ?? '', 10);
    expect(world.receipt(last)).toMatchObject({ status: 'acked', evidence: [{ level: 'delivered' }, { level: 'accepted' }] });
  });
});

describe('many at once', () => {
  it('are written behind few barriers, each in its notice', async () => {
    world = new OneNotice(upstream());
    await world.record(Array.from({ length: 600 }, (_, i) => failedRun(String(i), { subject: `job/${i}` })));
    await world.again({ send: inCustody });
    const names = world.names();
    const verdicts = await world.confirmAll(names.map((handoff) => ({ handoff, ...delivered })));
    expect(new Set(verdicts.map(told))).toEqual(new Set(['recorded']));
    const paths = world.paths();
    expect(names.filter((name) => !paths.some((path) => path.endsWith(`${name}.2.acked.json`)))).toEqual([]);
  });
});

describe('hostile statements', () => {
  const bad: [string, Statement, RegExp][] = [
    [
      'a path out of the state',
      { handoff: '../../../../etc/passwd', ...delivered },
      /^refused not_found: "..\/..\/..\/..\/etc\/passwd" names no handoff/,
    ],
    ['a path with nothing behind it', { handoff: 'handoffs/2026-11-22/', ...delivered }, /^refused not_found/],
    ['a NUL', { handoff: 'queue\u0000name', ...delivered }, /^refused not_found/],
    ['a name of every object', { handoff: '__proto__', ...delivered }, /^refused not_found/],
    ['another name of every object', { handoff: 'constructor.1', ...delivered }, /^refused not_found/],
    [
      'a well-formed name of nothing',
      { handoff: '20261122T115900.000Z_rule_operator_0123456789ab.1', ...delivered },
      /^refused not_found: there is no notice/,
    ],
    ['a day that does not exist', { handoff: '20261399T115900.000Z_rule_operator_0123456789ab', ...delivered }, /^refused not_found/],
    ['a huge name', { handoff: 'x'.repeat(100_000), ...delivered }, /^refused usage: no confirmation: \/handoff must NOT have more than 300/],
    ['a huge reference', { evidence: 'delivered', reference: 'x'.repeat(1_001) }, /^refused usage: no confirmation: \/reference/],
    ['an empty reference', { evidence: 'delivered', reference: ' \u0007 '.trim().replace('\u0007', ' ') }, /^refused usage/],
    ['both at once', { ...delivered, failed: 'no' }, /^refused usage: no confirmation/],
    ['neither', {}, /^refused usage: no confirmation/],
    [
      'a day that does not exist as its time',
      { ...delivered, at: '2026-02-30T00:00:00.000Z' },
      /^refused usage: 2026-02-30T00:00:00.000Z is no moment/,
    ],
    ['a time to come', { ...delivered, at: '2026-11-24T00:00:00.000Z' }, /^refused negative: .* lies in the future/],
    ['a token where there are none', { handoff: undefined, token: 'x~y' }, /^refused negative: binding default declares no acknowledgement links/],
    [
      'a key that nobody knows',
      { ...delivered, sudo: true } as Statement,
      /^refused usage: no confirmation: \/ must NOT have additional properties \(sudo\)/,
    ],
  ];
  it.each(bad)('are refused, and nothing is written: %s', async (_name, statement, expected) => {
    world = await OneNotice.sent();
    const before = world.files();
    expect(told(await world.confirm(statement))).toMatch(expected);
    expect(world.files()).toEqual(before);
  });

  it('stop nobody else', async () => {
    world = await OneNotice.sent();
    const verdicts = await world.confirmAll([
      { handoff: '../x', ...delivered },
      { handoff: world.name, ...delivered },
      { handoff: `${world.name}.7`, ...delivered },
    ]);
    expect(verdicts.map(({ status }) => status)).toEqual(['refused', 'recorded', 'refused']);
  });

  it('show no control characters of theirs in what is written', async () => {
    world = await OneNotice.sent();
    await world.confirm({ failed: 'a\u001b[31mb\nc\u202e', by: 'gate\nway' });
    expect(world.receipt(2).detail).toBe('report:gate way: a\ufffd[31mb c\ufffd');
  });

  it('come to an end: a receipt takes a hundred pieces of evidence, and a notice two hundred revisions', async () => {
    world = await OneNotice.sent();
    const many = Array.from({ length: 130 }, (_, i): Statement => ({ handoff: world.name, evidence: 'accepted', reference: `r${i}` }));
    const verdicts = await world.confirmAll(many);
    expect(verdicts.filter(({ status }) => status === 'recorded')).toHaveLength(100);
    expect(told(verdicts[129] as Verdict)).toMatch(
      /^refused negative: nothing was written: .* would not be valid: \/evidence must NOT have more than 100 items/,
    );
    for (let i = 0; i < 120; i++) await world.confirm({ failed: `reason ${i}` });
    expect(world.revisions()).toHaveLength(200);
    expect(told(await world.confirm({ failed: 'once more' }))).toMatch(/has 200 revisions already$/);
    const evidence = { level: 'acknowledged', by: 'human:alice', at: '2026-11-22T12:00:00.000Z', reference: 'test' } as const;
    addEvidence(world.layout, new Publisher(world.layout, 'x'), world.name, evidence, null, NOON_MS);
    expect(world.revisions().at(-1)).toBe('201.acked');
  });
});
