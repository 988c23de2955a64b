import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PassReport } from '../../src/run/pass-report.ts';
import { Crash, crashingDisk } from '../support/crashing-disk.ts';
import { expectationOf } from '../support/expectations.ts';
import { isRoot, namesBelow, skipBecause } from '../support/hostile-things.ts';
import { catalogOf, NOON_MS, World } from '../support/world.ts';

let world: World;
beforeEach(() => {
  world = new World();
  mkdirSync(world.layout.inbox, { recursive: true });
});
afterEach(() => world.remove());

const TIME = '2026-11-22T11:58:00.000Z';
const event = (id: string, parts: object = {}): object => ({
  specversion: '1.0',
  id,
  source: 'drops',
  type: 'run.failed',
  subject: `job/${id}`,
  time: TIME,
  ...parts,
});
const json = (value: unknown): string => JSON.stringify(value);

/** Nothing is opened: what lies in quarantine may be a pipe. */
const paths = (): string[] => namesBelow(world.layout.root).sort();
const read = (path: string): string => readFileSync(world.layout.at(path), 'utf8');

const inbox = (): string[] => readdirSync(world.layout.inbox).sort();

/** Subjects of the events on disk, in order; twice if there are two of one. */
const recorded = (): string[] =>
  paths()
    .filter((path) => /^events\/.*\.json$/.test(path))
    .map((path) => JSON.parse(read(path)).subject)
    .sort();

/** What lies in quarantine, each with the reason and the detail in its note: `inbox-x.json: not_json, the file is empty`. */
const quarantined = (): string[] =>
  paths()
    .filter((path) => path.startsWith('quarantine/') && path.endsWith('.reason.json'))
    .map((path) => {
      const note = JSON.parse(read(path)) as { path: string; reason: string; detail: string };
      const moved = path.slice(0, -'.reason.json'.length);
      expect(lstatSync(world.layout.at(moved), { throwIfNoEntry: false }), `${moved} lies beside its note`).toBeDefined();
      expect(note.path).toMatch(/^inbox\//);
      return `${moved.split('/').at(-1)}: ${note.reason}, ${note.detail}`;
    });

/** A pass after which nothing is left to do: another one writes nothing. */
async function settled(): Promise<PassReport> {
  const report = await world.pass({ nonce: 'first' });
  const after = paths();
  const sent = world.sent.length;
  const again = await world.pass({ nonce: 'again' });
  expect(again.quarantined, 'quarantined again').toEqual([]);
  expect(paths(), 'one more pass writes nothing').toEqual(after);
  expect(world.sent.length).toBe(sent);
  return report;
}

describe('a dropped file', () => {
  it('that holds one event goes away when that is recorded, and somebody is told in the same pass', async () => {
    world.drop('one.json', json(event('1')));
    const report = await settled();
    expect(report).toMatchObject({ events: 1, notices: 1, attempts: 1, quarantined: [], failures: [] });
    expect(inbox()).toEqual([]);
    expect(recorded()).toEqual(['job/1']);
    expect(world.sent.map(({ notice }) => notice.subject)).toEqual(['job/1']);
  });

  it('may hold a batch, or one event a line, under any name', async () => {
    world.drop('batch', json([event('1'), event('2')]));
    world.drop('lines.ndjson', `${json(event('3'))}\n\n${json(event('4'))}\r\n`);
    await settled();
    expect(recorded()).toEqual(['job/1', 'job/2', 'job/3', 'job/4']);
    expect(inbox()).toEqual([]);
    expect(quarantined()).toEqual([]);
  });

  it('that comes again, or holds what is on disk already, goes away and leaves nothing', async () => {
    world.drop('one.json', json(event('1')));
    world.drop('the-same.json', `  ${json(event('1'))}\n`);
    world.drop('both-in-one.json', json([event('1'), event('1'), event('2')]));
    await settled();
    world.drop('one.json', json(event('1')));
    const report = await settled();
    expect(report).toMatchObject({ events: 0, notices: 0, attempts: 0 });
    expect(recorded()).toEqual(['job/1', 'job/2']);
    expect(inbox()).toEqual([]);
    expect(quarantined()).toEqual([]);
  });

  it('with an id that stands for something else is moved aside, and what was there first stays the fact', async () => {
    world.drop('1-first.json', json(event('1')));
    world.drop('2-other.json', json(event('1', { type: 'run.succeeded' })));
    await settled();
    world.drop('later.json', json(event('1', { time: '2026-11-20T00:00:00Z' })));
    await settled();
    expect(quarantined()).toEqual([
      'inbox-2-other.json: rule_violated, source drops and id 1 stand for other content already',
      'inbox-later.json: rule_violated, source drops and id 1 stand for other content already',
    ]);
    expect(recorded()).toEqual(['job/1']);
    expect(world.sent).toHaveLength(1);
    expect(inbox()).toEqual([]);
  });

  it('without a time happened when it was dropped, however often it comes and is read', async () => {
    const { time: _, ...timeless } = event('1') as { time: string };
    world.drop('one.json', json(timeless), Date.parse('2026-11-22T11:30:00.250Z'));
    await settled();
    world.drop('again.json', json(timeless), Date.parse('2026-11-22T11:45:00.000Z'));
    await settled();
    expect(paths().filter((path) => path.includes('20261122T113000.250Z_run.failed_job.1_') && path.startsWith('events/'))).toHaveLength(1);
    expect(recorded()).toEqual(['job/1']);
    expect(inbox()).toEqual([]);
    expect(quarantined()).toEqual([]);
  });

  it('that holds an empty batch says nothing, and goes away', async () => {
    world.drop('none.json', '[]');
    expect(await settled()).toMatchObject({ events: 0, quarantined: [], failures: [] });
    expect(inbox()).toEqual([]);
  });

  it('whose name begins with a dot is still being written, and is left alone', async () => {
    world.drop('.half.json', '{"specversion": "1.');
    const report = await settled();
    expect(report).toMatchObject({ events: 0, quarantined: [] });
    expect(inbox()).toEqual(['.half.json']);
  });

  it('counts as a word of its subject for the watchdog in the same pass', async () => {
    const catalog = catalogOf({ expectations: [expectationOf({ subject: 'job/1', due: { kind: 'every', every_ms: 3_600_000, grace_ms: 0 } })] });
    world.drop('one.json', json(event('1')));
    const { raised, nextDue_ms } = await world.pass({ catalog });
    expect(raised.map(({ type }) => type)).toEqual(['expectation.in_force']);
    expect(nextDue_ms).toBe(NOON_MS + 3_600_000);
  });
});

describe('a bad drop is moved aside with its reason, and the rest goes on:', () => {
  const bad: { name: string; put(path: string): void; why: string }[] = [
    { name: 'an empty file', put: (path) => writeFileSync(path, ''), why: 'not_json, the file is empty' },
    { name: 'half-written JSON', put: (path) => writeFileSync(path, json(event('x')).slice(0, 50)), why: 'not_json' },
    { name: 'no JSON', put: (path) => writeFileSync(path, 'backup failed!\n'), why: 'not_json' },
    { name: 'bytes that are no UTF-8', put: (path) => writeFileSync(path, Buffer.from([0x7b, 0xff, 0x7d])), why: 'not_utf8' },
    { name: 'a huge file', put: (path) => writeFileSync(path, Buffer.alloc(9 * 1024 * 1024, ' ')), why: 'too_large' },
    { name: 'a huge event', put: (path) => writeFileSync(path, json(event('x', { data: { log: 'x'.repeat(300_000) } }))), why: 'schema_invalid' },
    { name: 'no CloudEvent', put: (path) => writeFileSync(path, '{"hello": "world"}'), why: 'schema_invalid, input: specversion must be "1.0"' },
    {
      name: 'a subject that is none',
      put: (path) => writeFileSync(path, json(event('x', { subject: '../etc' }))),
      why: 'schema_invalid, input: subject must be words between slashes',
    },
    {
      name: 'a time far ahead',
      put: (path) => writeFileSync(path, json(event('x', { time: '2026-12-22T00:00:00Z' }))),
      why: 'schema_invalid, its time 2026-12-22T00:00:00.000Z lies 29d 12h in the future',
    },
    { name: 'a key twice', put: (path) => writeFileSync(path, '{"id": "1", "id": "2"}'), why: 'duplicate_key' },
    { name: 'a symlink', put: (path) => symlinkSync('/etc/hostname', path), why: 'not_a_regular_file, a symbolic link stands here' },
    { name: 'a symlink to nowhere', put: (path) => symlinkSync('/nowhere', path), why: 'not_a_regular_file, a symbolic link stands here' },
    { name: 'a FIFO', put: (path) => void execFileSync('mkfifo', [path]), why: 'not_a_regular_file, a named pipe stands here' },
    {
      name: 'a folder',
      put: (path) => {
        mkdirSync(path);
        writeFileSync(join(path, 'inner.json'), json(event('inner')));
      },
      why: 'not_a_regular_file, a folder stands here',
    },
  ];

  it.each(bad)('$name', async ({ put, why }) => {
    put(join(world.layout.inbox, 'bad'));
    world.drop('aaa.json', json(event('before')));
    world.drop('zzz.json', json(event('after')));
    const report = await settled();
    expect(report.quarantined.map(({ path }) => path)).toEqual(['inbox/bad']);
    expect(quarantined()).toEqual([expect.stringMatching(new RegExp(`^inbox-bad: ${why.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`))]);
    expect(recorded()).toEqual(['job/after', 'job/before']);
    expect(world.sent).toHaveLength(2);
    expect(inbox()).toEqual([]);
  });

  it('all of them at once', async () => {
    for (const [i, { put }] of bad.entries()) put(join(world.layout.inbox, `bad-${String(i).padStart(2, '0')}`));
    world.drop('good.json', json(event('good')));
    const report = await settled();
    expect(report.quarantined).toHaveLength(bad.length);
    expect(quarantined().map((text) => text.slice('inbox-bad-00: '.length).split(',')[0])).toEqual(bad.map(({ why }) => why.split(',')[0]));
    expect(recorded()).toEqual(['job/good']);
    expect(inbox()).toEqual([]);
    expect(existsSync('/etc/hostname'), 'nothing behind a link was touched').toBe(true);
  });

  it('a line among good ones: those are recorded, and the file says which line is wrong', async () => {
    world.drop('mixed.ndjson', [json(event('1')), '{"specversion": "1.0"', json(event('2')), '{"specversion": "0.3"}'].join('\n'));
    await settled();
    expect(recorded()).toEqual(['job/1', 'job/2']);
    expect(quarantined()).toEqual([expect.stringMatching(/^inbox-mixed\.ndjson: schema_invalid, line 2: .*; line 4: specversion must be "1\.0"/)]);
    expect(inbox()).toEqual([]);
  });

  it('an element of a batch that no event may be: the others are recorded', async () => {
    world.drop('batch.json', json([event('1'), event('x', { subject: '/' }), event('2')]));
    await settled();
    expect(recorded()).toEqual(['job/1', 'job/2']);
    expect(quarantined()).toEqual([expect.stringMatching(/^inbox-batch\.json: schema_invalid, /)]);
  });

  it('one that this user may not read', async () => {
    if (!isRoot) return skipBecause('only root can leave a file that somebody else may not read');
    const nobody = 65_534;
    world.drop('aaa.json', json(event('good')));
    world.drop('secret.json', json(event('x')));
    chmodSync(join(world.layout.inbox, 'secret.json'), 0o600);
    for (const path of [world.root, world.layout.root, world.layout.inbox, join(world.layout.inbox, 'aaa.json')]) chownSync(path, nobody, nobody);
    process.seteuid?.(nobody);
    try {
      const report = await world.pass();
      expect(recorded()).toEqual(['job/good']);
      expect([...report.quarantined.map(({ path }) => path), ...report.failures].join('\n')).toContain('inbox/secret.json');
    } finally {
      process.seteuid?.(0);
    }
  });
});

describe('a crash', () => {
  it('between the record and the removal leaves the file; the next pass takes it away and does nothing twice', async () => {
    world.drop('one.json', json(event('1')));
    await world.record([{ ...(event('1') as { id: string; source: string; type: string; subject: string; time: string }), provenance: 'asserted' }]);
    expect(inbox()).toEqual(['one.json']);
    const report = await settled();
    expect(report).toMatchObject({ events: 1, notices: 1, attempts: 1, quarantined: [] });
    expect(recorded()).toEqual(['job/1']);
    expect(inbox()).toEqual([]);
  });

  it('at any write loses no event, records none twice and forgets no bad file', async () => {
    let died = 0;
    for (let calls = 0; ; calls++) {
      const own = new World();
      try {
        own.drop('1.json', json(event('1')));
        own.drop('2.ndjson', `${json(event('2'))}\n${json(event('3'))}\n{"no": "event"}`);
        const io = crashingDisk(calls);
        await own.pass({ io, nonce: 'dead' }).catch((error: unknown) => {
          if (!(error instanceof Crash) && !/after the crash/.test(String(error))) throw error;
        });
        if (!io.dead()) break;
        died++;
        await own.pass({ nonce: 'alive' });
        const left = own.paths();
        expect(
          left.filter((path) => /^events\/.*_run\.failed_/.test(path)),
          `after ${calls} calls`,
        ).toHaveLength(3);
        expect(
          left.filter((path) => /^inbox\//.test(path)),
          `after ${calls} calls`,
        ).toEqual([]);
        expect(
          left.filter((path) => /^quarantine\/.*\.reason\.json$/.test(path)),
          `after ${calls} calls`,
        ).toHaveLength(1);
        const keys = own.sent.map(({ idempotencyKey }) => idempotencyKey);
        expect(new Set(keys).size, 'no message goes out twice').toBe(keys.length);
      } finally {
        own.remove();
      }
    }
    expect(died).toBeGreaterThan(10);
  });
});

describe('many drops', () => {
  it('at once are all taken in one pass', async () => {
    for (let i = 0; i < 300; i++) world.drop(`${i}.json`, json(event(String(i))));
    const report = await settled();
    expect(report).toMatchObject({ events: 300, notices: 300, attempts: 300, quarantined: [] });
    expect(new Set(recorded()).size).toBe(300);
    expect(recorded()).toHaveLength(300);
    expect(new Set(world.sent.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(300);
    expect(inbox()).toEqual([]);
  });

  it('more than one look takes are all taken in one pass', async () => {
    for (let i = 0; i < 1_300; i++) world.drop(`${i}.json`, json(event(String(i), { type: 'run.succeeded' })));
    const report = await world.pass();
    expect(report.events).toBe(1_300);
    expect(inbox()).toEqual([]);
  });

  it('of which two passes take each what they can are recorded once', async () => {
    for (let i = 0; i < 60; i++) world.drop(`${i}.json`, json(event(String(i))));
    const reports = await Promise.all(['a', 'b', 'c'].map((nonce) => world.pass({ nonce, livenessOf: () => 'alive' })));
    expect(reports.flatMap(({ quarantined: files }) => files)).toEqual([]);
    await world.pass({ nonce: 'last', livenessOf: () => 'dead' });
    expect(recorded()).toHaveLength(60);
    expect(new Set(recorded()).size).toBe(60);
    expect(world.sent).toHaveLength(60);
    expect(inbox()).toEqual([]);
  });
});

it('names in quarantine keep the text of what was dropped', async () => {
  world.drop('why.txt', 'disk is full');
  await settled();
  const [moved = ''] = paths().filter((path) => path.endsWith('inbox-why.txt'));
  expect(read(moved)).toBe('disk is full');
});
