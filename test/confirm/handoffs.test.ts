import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acknowledge } from '../../src/run/acknowledge.ts';
import { confirm } from '../../src/run/confirm.ts';
import { handoffs } from '../../src/run/handoffs.ts';
import { retry } from '../../src/run/retry.ts';
import { Deployment } from './deployment.ts';
import { loopbackReceiver, type Receiver } from './receiver.ts';

let place: Deployment;
let receiver: Receiver;
beforeEach(async () => {
  receiver = await loopbackReceiver();
  place = new Deployment(receiver.origin);
});
afterEach(() => {
  receiver.close();
  place.remove();
});

const states = async (open = false): Promise<string[]> =>
  (await handoffs({ ...place.options, open })).handoffs.map(({ attempt, state }) => `${attempt} ${state}`);

describe('rgov handoffs', () => {
  it('lists everything that another system needs to send a notice and to confirm it', async () => {
    place.bindExternally();
    await place.fail('1');
    const report = await handoffs({ ...place.options, open: true });
    expect(report.unreadable).toEqual([]);
    expect(report.handoffs).toEqual([
      {
        path: expect.stringMatching(/^handoffs\/\d{4}-\d\d-\d\d\/.*\.1\.json$/),
        handoff: `${place.name()}.1`,
        notice: place.name(),
        attempt: 1,
        state: 'in_custody',
        idempotencyKey: place.name(),
        sender: { name: 'upper', kind: 'external', ceiling: 'delivered', idempotent: false },
        target: 'operator',
        address: 'room/7',
        requires: 'accepted',
        deadline: expect.stringMatching(/Z$/),
        severity: 'error',
        subject: 'job/1',
        eventType: 'run.failed',
        time: expect.stringMatching(/Z$/),
        title: '[error] job/1 failed',
        text: expect.stringContaining('subject:   job/1'),
        acknowledgeUrl: null,
        since: expect.stringMatching(/Z$/),
        custody: expect.stringContaining('gateway'),
      },
    ]);
    const [item] = report.handoffs;
    await confirm({ ...place.options, handoff: item?.handoff ?? '', evidence: 'delivered', reference: 'm-1' });
    expect(await states(true)).toEqual([]);
    expect(await states()).toEqual(['1 acked']);
  });

  it('gives the link by which the reader can acknowledge, where one is declared and its secret is there', async () => {
    const link = '  acknowledge: { url: "https://ack.example/{token}", secret: { command: [echo, 0123456789abcdef0123] } }\n';
    place.bind('upper', '{ use: external, with: { system: gateway } }', link);
    await place.fail('1');
    const [item] = (await handoffs({ ...place.options, open: true })).handoffs;
    expect(item?.acknowledgeUrl).toMatch(new RegExp(`^https://ack\\.example/${place.name()}~[\\w-]{22}$`));
    place.bind('upper', '{ use: external, with: { system: gateway } }', link.replace('command: [echo, 0123456789abcdef0123]', 'env: RGOV_NOT_SET'));
    expect((await handoffs({ ...place.options, open: true })).handoffs.map(({ acknowledgeUrl }) => acknowledgeUrl)).toEqual([null]);
    place.bind('upper', '{ use: external, with: { system: gateway } }', link);
    const token = item?.acknowledgeUrl?.split('/').pop() ?? '';
    const told = await acknowledge({ ...place.options, token, by: 'alice' });
    expect(told).toMatchObject({
      notice: place.name(),
      by: 'alice',
      changed: true,
      receipt: { document: { status: 'acked', reason: 'acknowledged_by_human' } },
    });
    expect(await acknowledge({ ...place.options, token, by: 'alice' })).toMatchObject({ changed: false });
    expect(await acknowledge({ ...place.options, token })).toMatchObject({ by: 'operator', changed: true });
    await expect(acknowledge({ ...place.options, token: `${token.slice(0, -1)}!` })).rejects.toMatchObject({ kind: 'negative' });
    await expect(acknowledge({ ...place.options, token, notice: 'nothing-like-it' })).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('says of each attempt where it stands', async () => {
    receiver.answer = 503;
    await place.fail('1');
    expect(await states()).toEqual(['1 came_back']);
    expect(await states(true)).toEqual([]);
    receiver.answer = 410;
    await place.fail('2');
    expect(await states()).toEqual(['1 came_back', '1 blocked']);
    const blocked = place.names()[1] ?? '';
    await retry({ ...place.options, notice: blocked, by: 'alice' });
    expect(await states()).toEqual(['1 came_back', '1 over']);
    receiver.answer = 200;
    await place.reconcile();
    expect((await states()).slice(-2)).toEqual(['1 over', '2 acked']);
    await expect(handoffs({ ...place.options, sender: 'nobody' })).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('shows what waits for a bridge of its own', async () => {
    place.bind('hook', `{ use: webhook, bridge: process, with: { url: "${receiver.origin}/hook", allowHosts: [127.0.0.1] } }`);
    await place.fail('1');
    expect(receiver.ids).toEqual([]);
    const report = await handoffs({ ...place.options, open: true });
    expect(report.handoffs).toMatchObject([{ state: 'unclaimed', attempt: 1, custody: null, address: 'room/7' }]);
    expect(report.handoffs[0]?.since).toMatch(/Z$/);
    await confirm({ ...place.options, handoff: place.name(), failed: 'no such room' });
    expect(await states(true)).toEqual([]);
  });
});
