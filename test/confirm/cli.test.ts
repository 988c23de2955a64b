import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CliWorkspace } from '../support/cli-workspace.ts';
import { drop, eventually, Watching } from '../support/watching.ts';
import { Deployment } from './deployment.ts';

let place: Deployment;
let cli: CliWorkspace;
beforeEach(async () => {
  cli = new CliWorkspace();
  place = new Deployment('http://127.0.0.1:1');
  place.bindExternally();
  await place.fail('1');
});
afterEach(() => {
  cli.remove();
  place.remove();
});

const rgov = (...args: string[]): ReturnType<CliWorkspace['run']> => {
  const [command = '', ...rest] = args;
  return cli.run([command, '-C', place.root, ...rest]);
};
const json = (...args: string[]): Record<string, unknown> => JSON.parse(rgov(...args, '--json').stdout);

describe('rgov confirm', () => {
  it('records evidence, says what it comes to, and names the user where nobody is named', () => {
    const hash = place.name().slice(-12);
    const told = rgov(
      'confirm',
      `${hash}.1`,
      '--evidence',
      'delivered',
      '--ref',
      'm-1',
      '--at',
      '2026-11-22T12:00:00+01:00',
      '--note',
      'seen in the log',
    );
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.stdout).toMatch(
      /^acked {2}.*\(revision 2\)\n {2}evidence_sufficient: .*; proved: delivered \(it lies in the recipient's mailbox or chat\)\n$/,
    );
    const [evidence] =
      (json('explain', hash)['notices'] as { current: { document: { evidence: Record<string, string>[] } } }[])[0]?.current.document.evidence ?? [];
    expect(evidence).toMatchObject({
      level: 'delivered',
      reference: 'm-1',
      at: '2026-11-22T11:00:00.000Z',
      detail: 'seen in the log',
      by: expect.stringMatching(/^report:.+/),
    });
    const again = rgov('confirm', hash, '--evidence', 'delivered', '--ref', 'm-1');
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toMatch(/nothing was written: report:.* has said so before/);
  });

  it('answers 1 and writes nothing where it cannot be believed, 2 where it is used wrongly, 3 where there is no such handoff', () => {
    const hash = place.name().slice(-12);
    const above = rgov('confirm', hash, '--evidence', 'seen', '--ref', 'm-1');
    expect(above).toMatchObject({ code: 1, stdout: '' });
    expect(above.stderr).toMatch(
      /seen is more than upper can prove, whose ceiling is delivered\n {2}expected: delivered at most .*\n {2}hint: {5}if a human was told: rgov ack .* --by NAME/,
    );
    for (const args of [
      [],
      ['--evidence', 'delivered'],
      ['--ref', 'x'],
      ['--evidence', 'delivered', '--ref', 'x', '--failed', 'y'],
      ['--evidence', 'acknowledged', '--ref', 'x'],
    ]) {
      expect(rgov('confirm', hash, ...args).code, args.join(' ')).toBe(2);
    }
    expect(rgov('confirm', hash, '--failed', 'x', '--at', 'yesterday').code).toBe(2);
    expect(rgov('confirm', `${hash}.4`, '--failed', 'x').code).toBe(3);
    expect(rgov('confirm', 'feedfacefeed', '--failed', 'x').code).toBe(3);
    expect(place.revisions()).toEqual(['1.pending_external_send']);
  });

  it('takes back what was proved, the next pass says that it bounced, and retry sends it again', () => {
    const hash = place.name().slice(-12);
    rgov('confirm', hash, '--evidence', 'accepted', '--ref', 'm-1');
    expect(rgov('retry', hash, '--by', 'alice').code).toBe(1);
    const bounced = rgov('confirm', hash, '--failed', '550 no such user', '--by', 'mail-gateway', '--json');
    expect(JSON.parse(bounced.stdout)).toMatchObject({
      changed: true,
      detail: '',
      receipt: { document: { status: 'blocked', reason: 'bounced', revision: 3 } },
    });
    rgov('reconcile');
    expect(place.paths().filter((path) => path.startsWith('events/') && path.includes('_notice.bounced_'))).toHaveLength(1);
    const status = rgov('status').stdout;
    expect(status).toMatch(
      /bounced: it was reported afterwards that it did not arrive: report:mail-gateway: 550 no such user\n {4}not proved: that the next system took it, that it lies in/,
    );
    expect(status).toContain(`rgov retry ${hash} --by NAME`);
    const retried = rgov('retry', hash, '--by', 'alice', '--note', 'another room');
    expect(retried).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^reopened {2}.* opened again by alice \(revision 4\): the next pass makes attempt 2\n$/),
    });
    expect(rgov('status').stdout).toContain('opened again by alice (another room): no attempt since');
    rgov('reconcile');
    const text = rgov('explain', hash).stdout;
    const order = [
      'handoff attempt 1',
      'receipt pending_external_send (superseded)',
      'receipt acked (superseded)',
      'receipt blocked (superseded): bounced',
      'taken back: accepted',
      'reopened by alice',
      'handoff attempt 2',
      'receipt pending_external_send: in_custody',
      'not proved: that the next system took it',
    ];
    expect(order.map((words) => text.indexOf(words)).every((at, i, all) => at >= 0 && (i === 0 || at > (all[i - 1] ?? 0)))).toBe(true);
    expect(text).not.toContain('fault');
  });
});

describe('rgov handoffs', () => {
  it('shows what to do, and gives programs the whole of it', () => {
    const hash = place.name().slice(-12);
    const shown = rgov('handoffs', '--open');
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain(`rgov confirm ${hash}.1 --evidence LEVEL --ref ID`);
    expect(shown.stdout).toContain('1 open handoff');
    expect(json('handoffs', '--open')).toMatchObject({
      binding: 'default',
      handoffs: [{ handoff: `${place.name()}.1`, state: 'in_custody' }],
      unreadable: [],
    });
    expect(rgov('handoffs', '--sender', 'nobody').code).toBe(3);
  });
});

describe('rgov ack', () => {
  it('needs a notice and a human, or a token', () => {
    const hash = place.name().slice(-12);
    expect(rgov('ack')).toMatchObject({ code: 2, stderr: expect.stringContaining('no notice is named') });
    expect(rgov('ack', hash)).toMatchObject({ code: 2, stderr: expect.stringContaining('it is not said who was told') });
    expect(rgov('ack', '--token', 'x~y')).toMatchObject({ code: 1, stderr: expect.stringContaining('declares no acknowledgement links') });
    expect(rgov('ack', hash, '--by', 'alice')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^acked .* acknowledged by alice \(revision 2\)/),
    });
  });
});

describe('rgov watch', () => {
  it('is woken by a dropped confirmation, and says what came of it', async () => {
    const watching = await Watching.ready(place.root);
    try {
      await eventually('the drop folder', () => readdirSync(join(place.root, 'state')).includes('inbox'));
      drop(place.root, 'c.json', {
        apiVersion: 'reporting-governance/v1',
        kind: 'Confirmation',
        handoff: place.name(),
        evidence: 'delivered',
        reference: 'm-9',
      });
      expect(await watching.fact('receipt')).toMatchObject({ status: 'acked', notice: place.name() });
      expect(readdirSync(join(place.root, 'state', 'inbox'))).toEqual([]);
      expect(place.revisions()).toEqual(['1.pending_external_send', '2.acked']);
    } finally {
      await watching.kill();
    }
  });
});
