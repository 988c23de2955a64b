import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { confirm } from '../../src/run/confirm.ts';
import { handoffs } from '../../src/run/handoffs.ts';
import { retry } from '../../src/run/retry.ts';
import { status } from '../../src/run/status.ts';
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

describe('a blocked notice that a human opens again', () => {
  it('is sent once more with the same key, and the outcome is the next revision', async () => {
    receiver.answer = 410;
    await place.fail('1');
    expect(place.revisions()).toEqual(['1.blocked']);
    const { changed, reopening } = await retry({ ...place.options, notice: place.name(), by: 'alice', note: 'the gateway is back' });
    expect(changed).toBe(true);
    expect(reopening.document).toMatchObject({ revision: 2, afterAttempt: 1, by: 'human:alice', note: 'the gateway is back' });
    const before = await status(place.options);
    expect(before.blocked).toEqual([]);
    expect(before.queued).toMatchObject([{ notice: place.name(), detail: expect.stringMatching(/^opened again by alice/) }]);
    expect(before.counts).toMatchObject({ blocked: 0, queued: 1 });

    receiver.answer = 200;
    await place.reconcile();
    expect(place.revisions()).toEqual(['1.blocked', '2.reopened', '3.acked']);
    expect(new Set(receiver.ids).size).toBe(1);
    expect(receiver.ids).toHaveLength(2);
    expect(await place.faults()).toEqual([]);
  });

  it('may be refused again, and be opened again', async () => {
    receiver.answer = 410;
    await place.fail('1');
    for (let n = 0; n < 2; n++) {
      await retry({ ...place.options, notice: place.name(), by: 'alice' });
      await place.reconcile();
    }
    expect(place.revisions()).toEqual(['1.blocked', '2.reopened', '3.blocked', '4.reopened', '5.blocked']);
    expect(receiver.ids).toHaveLength(3);
    expect(await place.faults()).toEqual([]);
    expect((await status(place.options)).blocked).toMatchObject([{ notice: place.name(), reason: 'rejected' }]);
  });

  it('asked for twice is opened once', async () => {
    receiver.answer = 410;
    await place.fail('1');
    await retry({ ...place.options, notice: place.name(), by: 'alice' });
    expect(await retry({ ...place.options, notice: place.name(), by: 'bob' })).toMatchObject({
      changed: false,
      reopening: { document: { by: 'human:alice' } },
    });
    const both = await Promise.all([1, 2, 3].map(() => retry({ ...place.options, notice: place.name(), by: 'bob' })));
    expect(both.map(({ changed }) => changed)).toEqual([false, false, false]);
    expect(place.revisions()).toEqual(['1.blocked', '2.reopened']);
  });

  it('is acked at once if its old attempt proves to have arrived, and not sent again', async () => {
    receiver.answer = 410;
    await place.fail('1');
    await retry({ ...place.options, notice: place.name(), by: 'alice' });
    const late = await confirm({ ...place.options, handoff: `${place.name()}.1`, evidence: 'accepted', reference: 'late' });
    expect(late.receipt?.document).toMatchObject({ status: 'acked', revision: 3, previous: { path: expect.stringMatching(/2\.reopened\.json$/) } });
    await place.reconcile();
    expect(receiver.ids).toHaveLength(1);
    expect(await place.faults()).toEqual([]);
  });

  it('is not blocked again by the failure that it was blocked for', async () => {
    receiver.answer = 410;
    await place.fail('1');
    await retry({ ...place.options, notice: place.name(), by: 'alice' });
    const again = await confirm({ ...place.options, handoff: `${place.name()}.1`, failed: 'gone' });
    expect(again).toMatchObject({ changed: false, detail: 'attempt 1 was over before the notice was opened again' });
    receiver.answer = 200;
    await place.reconcile();
    expect(place.revisions()).toEqual(['1.blocked', '2.reopened', '3.acked']);
  });
});

describe('what is not blocked is not opened:', () => {
  it('acked', async () => {
    await place.fail('1');
    await expect(retry({ ...place.options, notice: place.name(), by: 'alice' })).rejects.toMatchObject({
      kind: 'negative',
      message: expect.stringMatching(/is acked, with the evidence/),
      hint: expect.stringMatching(/rgov confirm .*\.1 --failed REASON$/),
    });
  });

  it('in the hands of another system', async () => {
    place.bindExternally();
    await place.fail('1');
    expect(place.revisions()).toEqual(['1.pending_external_send']);
    await expect(retry({ ...place.options, notice: place.name(), by: 'alice' })).rejects.toMatchObject({
      kind: 'negative',
      hint: expect.stringMatching(/^if it is known that it did not arrive: rgov confirm .*\.1 --failed REASON$/),
    });
    expect((await handoffs({ ...place.options, open: true })).handoffs).toMatchObject([{ state: 'in_custody', attempt: 1 }]);
    await confirm({ ...place.options, handoff: place.name(), failed: 'it was lost' });
    await retry({ ...place.options, notice: place.name(), by: 'alice' });
    expect(place.revisions()).toEqual(['1.pending_external_send', '2.blocked', '3.reopened']);
  });

  it('without an outcome, or unknown, or by nobody', async () => {
    receiver.answer = 503;
    await place.fail('1');
    await expect(retry({ ...place.options, notice: place.name(), by: 'alice' })).rejects.toMatchObject({ kind: 'negative', hint: 'rgov reconcile' });
    await expect(retry({ ...place.options, notice: 'nothing-like-it', by: 'alice' })).rejects.toMatchObject({ kind: 'not_found' });
    await expect(retry({ ...place.options, notice: place.name(), by: ' ' })).rejects.toMatchObject({ kind: 'usage' });
    expect(place.revisions()).toEqual([]);
  });
});
