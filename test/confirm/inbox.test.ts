import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { acknowledgeLinkFor } from '../../src/run/ack-token.ts';
import { accept, failedRun, NOON_MS, resolvedSender, type Script } from '../support/world.ts';
import { inCustody, OneNotice, upstream } from './support.ts';

let world: OneNotice;
afterEach(() => world.remove());

const confirmation = (parts: object): object => ({
  apiVersion: 'reporting-governance/v1',
  kind: 'Confirmation',
  handoff: `${world.name}.1`,
  ...(Object.hasOwn(parts, 'failed') || Object.hasOwn(parts, 'token') ? {} : { evidence: 'delivered', reference: 'gw-1' }),
  ...parts,
});
const json = (value: unknown): string => JSON.stringify(value);
const inbox = (): string[] => readdirSync(world.layout.inbox).sort();
const notes = (): string[] =>
  Object.entries(world.files()).flatMap(([path, text]) => {
    if (!path.startsWith('quarantine/') || !path.endsWith('.reason.json')) return [];
    const { path: from, reason, detail } = JSON.parse(text);
    return [`${from} ${reason}: ${detail}`];
  });

describe('a dropped confirmation', () => {
  it('becomes a revision in the next pass, which shows it, and the file goes away', async () => {
    world = await OneNotice.sent();
    world.drop('c.json', json(confirmation({ by: 'gateway' })));
    const report = await world.again();
    expect(report.receipts).toEqual([{ notice: world.name, status: 'acked', reason: 'evidence_sufficient', target: 'operator' }]);
    expect(world.revisions()).toEqual(['1.pending_external_send', '2.acked']);
    expect(world.receipt(2).evidence).toMatchObject([{ by: 'report:gateway', reference: 'gw-1' }]);
    expect(inbox()).toEqual([]);
    expect(notes()).toEqual([]);
  });

  it('names nobody: then it came through the inbox, and that is what the receipt says', async () => {
    world = await OneNotice.sent();
    world.drop('c.json', json(confirmation({})));
    await world.again();
    expect(world.receipt(2).evidence[0]?.by).toBe('report:inbox');
  });

  it('may name the path of the handoff or the notice, stand in a list, in lines, or among events', async () => {
    world = new OneNotice(upstream());
    await world.record(['1', '2', '3', '4'].map((id) => failedRun(id, { subject: `job/${id}` })));
    await world.again({ send: inCustody });
    const [a = '', b = '', c = '', d = ''] = world.names();
    world.name = a;
    world.drop('1.json', json([confirmation({ handoff: `/srv/x/state/handoffs/2026-11-22/${a}.1.json` }), confirmation({ handoff: b })]));
    const event = { specversion: '1.0', id: 'e', source: 'drops', type: 'run.started', subject: 'job/9', time: new Date(NOON_MS).toISOString() };
    world.drop(
      '2.ndjson',
      `${json(confirmation({ handoff: `${c}.1` }))}\n${json(event)}\n${json(confirmation({ handoff: `${d}.1`, failed: 'no' }))}\n`,
    );
    const report = await world.again();
    expect(report.quarantined).toEqual([]);
    expect([a, b, c, d].map((name) => world.revisions(name).at(-1))).toEqual(['2.acked', '2.acked', '2.acked', '2.blocked']);
    expect(world.paths().filter((path) => path.includes('run.started'))).not.toEqual([]);
    expect(world.raised()).toEqual(['notice.bounced 2']);
    expect(inbox()).toEqual([]);
  });

  it('that takes back what was proved raises the bounce in the same pass', async () => {
    world = await OneNotice.sent(upstream('accepted'), accept);
    world.drop('bounce.json', json(confirmation({ failed: '550', by: 'mx' })));
    const report = await world.again({ now_ms: NOON_MS + 1_000 });
    expect(report.receipts).toMatchObject([{ status: 'blocked', reason: 'bounced' }]);
    expect(report.raised).toMatchObject([{ type: 'notice.bounced', subject: 'job/nightly-backup' }]);
    expect(world.raised()).toEqual(['notice.bounced 2']);
  });

  it('comes twice: it is taken away twice and written once', async () => {
    world = await OneNotice.sent();
    for (const file of ['a.json', 'b.json']) world.drop(file, json(confirmation({})));
    await world.again();
    world.drop('a.json', json(confirmation({})));
    expect((await world.again()).receipts).toEqual([]);
    expect(world.revisions()).toEqual(['1.pending_external_send', '2.acked']);
    expect(inbox()).toEqual([]);
    expect(notes()).toEqual([]);
  });

  it('of an attempt that is under way stays where it is, and is taken when that has come to its end', async () => {
    world = new OneNotice(upstream('accepted'));
    await world.record([failedRun('1')]);
    const send: Script = async (attempt) => {
      world.name = attempt.notice.id;
      world.drop('bounce.json', json(confirmation({ failed: 'bounced' })));
      const other = await world.pass({ catalog: world.catalog, nonce: '2', livenessOf: () => 'alive' });
      expect(other.quarantined).toEqual([]);
      expect(inbox()).toEqual(['bounce.json']);
      return accept(attempt);
    };
    await world.again({ send, nonce: '1' });
    await world.again({ nonce: '3' });
    expect(world.revisions()).toEqual(['1.acked', '2.blocked']);
    expect(inbox()).toEqual([]);
  });

  it('is acted on even where the profile only observes', async () => {
    world = await OneNotice.sent();
    world.drop('c.json', json(confirmation({})));
    await world.again({ catalog: { ...world.catalog, posture: 'observe' } });
    expect(world.revisions()).toEqual(['1.pending_external_send', '2.acked']);
  });
});

describe('a dropped confirmation that cannot be believed is moved aside with its reason:', () => {
  const bad: [string, () => object, RegExp][] = [
    [
      'an unknown handoff',
      () => confirmation({ handoff: '20261122T115900.000Z_rule_operator_0123456789ab.1' }),
      /parent_missing: there is no notice/,
    ],
    ['an attempt that was never made', () => confirmation({ handoff: `${world.name}.9` }), /parent_missing: there is no attempt 9/],
    ['a part of a name only', () => confirmation({ handoff: world.name.slice(-12) }), /parent_missing: "[0-9a-f]{12}" names no handoff/],
    ['a path out of the state', () => confirmation({ handoff: '../../etc/passwd' }), /parent_missing: /],
    [
      'more than the sender can prove',
      () => confirmation({ evidence: 'seen' }),
      /rule_violated: nothing was written: seen is more than hook can prove/,
    ],
    ['an acknowledgement without a token', () => confirmation({ evidence: 'acknowledged' }), /schema_invalid: /],
    ['another version', () => confirmation({ apiVersion: 'reporting-governance/v2' }), /schema_invalid: .*apiVersion/],
    ['a key that nobody knows', () => confirmation({ sudo: 1 }), /schema_invalid: .*sudo/],
    ['a human’s name', () => confirmation({ by: 'human:alice' }), /rule_violated: "human:alice" is no name/],
    [
      'a token where none is good',
      () => ({ ...confirmation({ token: 'x~y' }), handoff: undefined }),
      /rule_violated: binding default declares no acknowledgement links/,
    ],
  ];
  it.each(bad)('%s', async (_name, document, expected) => {
    world = await OneNotice.sent();
    world.drop('c.json', json(document()));
    const report = await world.again();
    expect(report.receipts).toEqual([]);
    expect(notes()).toHaveLength(1);
    expect(notes()[0]).toMatch(expected);
    expect(notes()[0]).toMatch(/^inbox\/c\.json /);
    expect(inbox()).toEqual([]);
    expect(world.revisions()).toEqual(['1.pending_external_send']);
  });

  it('a key that no object may have', async () => {
    world = await OneNotice.sent();
    world.drop('c.json', json(confirmation({})).replace('"by"', '"__proto__"').replace('{"apiVersion"', '{"__proto__":{},"apiVersion"'));
    await world.again();
    expect(notes()[0]).toMatch(/forbidden_key/);
  });

  it('and what is good of the same file counts', async () => {
    world = await OneNotice.sent();
    world.drop('c.json', json([confirmation({ handoff: 'nobody' }), confirmation({})]));
    await world.again();
    expect(world.revisions()).toEqual(['1.pending_external_send', '2.acked']);
    expect(notes()).toHaveLength(1);
  });
});

describe('the token of an acknowledgement link', () => {
  const secret = 'correct horse battery';
  const withLinks = { acknowledge: { url: 'https://ack.example/?t={token}', secret: { env: 'RGOV_TEST_ACK' } } };
  const tokenOf = (): string => {
    const link = acknowledgeLinkFor({ root: world.root, catalog: world.catalog, layout: world.layout }, { RGOV_TEST_ACK: secret })(world.name);
    return decodeURIComponent(String(link).split('?t=')[1] ?? '');
  };
  const drop = (parts: object = {}): void => world.drop('ack.json', json({ ...confirmation({ token: tokenOf(), ...parts }), handoff: undefined }));

  it('acknowledges the notice in the name of its target, or of who opened it', async () => {
    process.env['RGOV_TEST_ACK'] = secret;
    try {
      world = await OneNotice.sent(upstream('delivered', withLinks));
      drop();
      await world.again();
      drop({ by: 'alice' });
      await world.again();
      drop();
      await world.again();
      expect(world.revisions()).toEqual(['1.pending_external_send', '2.acked', '3.acked']);
      expect(world.receipt(3)).toMatchObject({ reason: 'acknowledged_by_human' });
      expect(world.receipt(3).evidence).toMatchObject([
        { by: 'human:operator', level: 'acknowledged', reference: 'acknowledgement link' },
        { by: 'human:alice', level: 'acknowledged', reference: 'acknowledgement link' },
      ]);
      expect(notes()).toEqual([]);
      expect(JSON.stringify(world.files())).not.toContain(secret);
    } finally {
      delete process.env['RGOV_TEST_ACK'];
    }
  });

  it('waits in the inbox where this process has no secret to judge it by, and the pass says so', async () => {
    world = await OneNotice.sent(upstream('delivered', withLinks));
    drop();
    const report = await world.again();
    expect(inbox()).toEqual(['ack.json']);
    expect(report.failures.join()).toMatch(/inbox\/ack\.json is left where it is: the environment variable RGOV_TEST_ACK is not set/);
    expect(world.revisions()).toEqual(['1.pending_external_send']);
  });
});

describe('with a sender that can prove nothing', () => {
  it('a failure is still heard', async () => {
    world = await OneNotice.sent(upstream('accepted', { senders: { hook: resolvedSender({ ceiling: 'none' }) } }));
    world.drop('f.json', json(confirmation({ failed: 'no such room' })));
    await world.again();
    expect(world.revisions()).toEqual(['1.pending_external_send', '2.blocked']);
  });
});
