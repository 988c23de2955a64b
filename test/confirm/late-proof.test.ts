import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { API_VERSION, type Reopening } from '../../src/model/artifacts.ts';
import { sha256 } from '../../src/model/hash.ts';
import { publication } from '../../src/model/publication.ts';
import { confirmAll, type Statement } from '../../src/run/confirm.ts';
import { Publisher } from '../../src/store/publish.ts';
import { catalogOf, failedRun, NOON_MS, notifyRule, resolvedSender, World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await world.record([failedRun('1')]);
});
afterEach(() => world.remove());

const receipts = (): string[] => readdirSync(join(world.layout.root, 'receipts', '2026-11-22')).map((file) => file.split('.').slice(-3).join('.'));

const say = (statement: Statement) =>
  confirmAll(
    {
      workspace: { root: world.root, catalog: catalogOf(), layout: world.layout },
      publisher: new Publisher(world.layout, 'c'),
      livenessOf: () => 'unknown',
    },
    [{ statement, defaultBy: 'gateway' }],
    NOON_MS,
  );

const catalog = catalogOf({ senders: { hook: resolvedSender({ ceiling: 'delivered' }) }, rules: [notifyRule({ requires: 'delivered' })] });

it('what an attempt proved counts although reports came in twice while it was under way', async () => {
  await world.pass({
    catalog,
    send: async ({ notice }) => {
      for (const reference of ['a', 'b']) await say({ handoff: `${notice.id}.1`, evidence: 'accepted', reference });
      return { kind: 'proved', level: 'delivered', reference: 'proof' };
    },
  });
  expect(receipts().filter((file) => file.startsWith('3.'))).toEqual(['3.acked.json']);
});

it('a bounce that was reported while the attempt was under way is not taken back by the acceptance before it', async () => {
  await world.pass({
    catalog,
    send: async ({ notice }) => {
      await say({ handoff: `${notice.id}.1`, evidence: 'accepted', reference: 'a' });
      await say({ handoff: `${notice.id}.1`, failed: '550 no such user' });
      return { kind: 'proved', level: 'delivered', reference: 'proof' };
    },
  });
  expect(receipts().filter((file) => !file.startsWith('1.'))).toEqual(['2.blocked.json']);
});

it('a notice that a human has opened again is not sent again once the attempt before has proved that it arrived', async () => {
  await world.pass({
    nonce: '1',
    send: async ({ notice }) => {
      await world.pass({ nonce: '2', livenessOf: () => 'dead' });
      reopen(notice.id);
      return { kind: 'proved', level: 'accepted', reference: 'proof' };
    },
  });
  await world.pass({ nonce: '3', send: () => ({ kind: 'rejected', reason: 'a second message' }) });
  expect(world.sent).toHaveLength(1);
  expect(receipts().filter((file) => !file.startsWith('1.'))).toEqual(['2.reopened.json', '3.acked.json']);
});

function reopen(name: string): void {
  const files = world.files();
  const link = (path: string) => ({ path, sha256: sha256(Buffer.from(files[path] ?? '')) });
  const document: Reopening = {
    apiVersion: API_VERSION,
    kind: 'Reopening',
    notice: link(`queue/2026-11-22/${name}.json`),
    revision: 2,
    afterAttempt: 1,
    by: 'human:alice',
    note: '',
    previous: link(`receipts/2026-11-22/${name}.1.blocked.json`),
    recordedAt: '2026-11-22T12:00:00.000Z',
  };
  new Publisher(world.layout, 'human').publishOne(publication('reopening', 'receipts', name, `${name}.2.reopened.json`, document));
}
