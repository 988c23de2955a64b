import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../../src/model/artifacts.ts';
import type { ResolvedSource } from '../../src/model/catalog.ts';
import { hasNews, type Listened, listen } from '../../src/run/sources/index.ts';
import { nextAskOfAll_ms, readSourceMemory } from '../../src/run/sources/memory.ts';
import { Publisher } from '../../src/store/publish.ts';
import { startReceiver } from '../support/loopback-receiver.ts';
import { catalogOf, NOON_MS, World } from '../support/world.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.remove());

const MINUTE_MS = 60_000;
const source = (from: ResolvedSource['from'], parts: Partial<ResolvedSource> = {}): ResolvedSource => ({
  name: 'events',
  adapter: 'cloudevents',
  from,
  livenessUrl: null,
  allowHosts: ['127.0.0.1'],
  every_ms: MINUTE_MS,
  timeLimit_ms: 5_000,
  failAfter: 2,
  severity: 'error',
  ...parts,
});
const command = (script: string, parts: Partial<ResolvedSource> = {}): ResolvedSource =>
  source({ kind: 'command', argv: ['sh', '-c', script] }, parts);
const cloudEvent = (id: string, parts: object = {}): string =>
  JSON.stringify({ specversion: '1.0', id, source: 'test', type: 'run.failed', subject: 'job/a', time: '2026-11-22T11:59:00Z', ...parts });
const print = (...events: string[]): string => `printf '%s\\n' ${events.map((event) => `'${event}'`).join(' ')}`;

function ask(sources: ResolvedSource[], now_ms = NOON_MS, stop = new AbortController().signal): Promise<Listened> {
  const workspace = { root: world.root, layout: world.layout, catalog: catalogOf({ sources }) };
  return listen({ workspace, publisher: new Publisher(world.layout, 'listener'), clock: () => now_ms, stop });
}
const events = (): Event[] =>
  Object.entries(world.files()).flatMap(([path, text]) => (path.startsWith('events/') ? [JSON.parse(text) as Event] : []));
const failures = ({ polled }: Listened): (string | null)[] => polled.map(({ failure }) => failure);

describe('a command', () => {
  it('is heard, once for each fact, when it is due', async () => {
    const from = command(print(cloudEvent('1'), cloudEvent('2')));
    const first = await ask([from]);
    expect(first.polled).toMatchObject([{ source: 'events', recorded: 2, failure: null }]);
    expect(hasNews(first)).toBe(true);
    expect((await ask([from], NOON_MS + 1_000)).polled).toEqual([]);
    const again = await ask([from], NOON_MS + MINUTE_MS);
    expect(again.polled).toMatchObject([{ recorded: 0, failure: null }]);
    expect(hasNews(again)).toBe(false);
    expect(events()).toHaveLength(2);
  });

  it.each<[string, string, RegExp]>([
    ['fails', 'echo no gateway >&2; exit 3', /^sh exited with 3: no gateway$/],
    ['is killed', 'kill -9 $$', /^sh was killed by SIGKILL$/],
    ['prints nothing that can be read', 'echo "{broken"', /^an entry was refused: input: not JSON/],
    ['hangs', 'sleep 60', /within its time limit/],
  ])('that %s is told so', async (_, script, why) => {
    expect(failures(await ask([command(script, { timeLimit_ms: 500 })]))).toEqual([expect.stringMatching(why)]);
  });

  it('that says nothing at all is told so: silence must not look like peace', async () => {
    expect(failures(await ask([command('true')]))).toEqual([expect.stringContaining('an entry was refused')]);
  });

  it('that prints without end is ended, and told so', async () => {
    const listened = await ask([command("yes '{}'", { timeLimit_ms: 60_000 })]);
    expect(failures(listened)).toEqual(['sh printed more than 16777216 bytes']);
  });

  it('that is not there is told so', async () => {
    expect(failures(await ask([source({ kind: 'command', argv: ['/nowhere/to/be/found'] })]))).toEqual([
      '/nowhere/to/be/found could not be started (ENOENT)',
    ]);
  });

  it('takes what is good although something beside it is not', async () => {
    const listened = await ask([command(print(cloudEvent('1'), '{"specversion":"1.0","id":"x"}', cloudEvent('2')))]);
    expect(listened.polled).toMatchObject([{ recorded: 2, failure: expect.stringContaining('an entry was refused') }]);
  });
});

it('one that hangs delays no other one, and each has its own time limit', async () => {
  const order: string[] = [];
  const sources = [command('sleep 60', { name: 'stuck', timeLimit_ms: 1_500 }), command(print(cloudEvent('1')), { name: 'quick' })];
  const listening = ask(sources).then((listened) => {
    order.push('all');
    return listened;
  });
  while (events().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  order.push('quick is recorded');
  const { polled } = await listening;
  expect(order).toEqual(['quick is recorded', 'all']);
  expect(polled.map(({ source: name, failure }) => [name, failure === null])).toEqual([
    ['quick', true],
    ['stuck', false],
  ]);
});

it('is cut off by a process that has to end, and then counts as not asked', async () => {
  const stop = new AbortController();
  const listening = ask([command('sleep 60')], NOON_MS, stop.signal);
  setTimeout(() => stop.abort(), 50);
  await listening;
  expect(readSourceMemory(world.layout).size).toBe(0);
});

describe('a source that stays broken', () => {
  const broken = command('exit 3');
  const works = command(print(cloudEvent('1', { type: 'run.succeeded' })));
  const findings = (): [string, string, string][] =>
    events().flatMap(({ type, subject, severity }) => (subject.startsWith('source/') ? [[type, subject, severity]] : []));

  it('becomes an event after so many failures in a row, once for as long as it lasts, and another one when it is heard again', async () => {
    await ask([broken]);
    expect(findings()).toEqual([]);
    for (let n = 1; n <= 3; n++) await ask([broken], NOON_MS + n * MINUTE_MS);
    expect(findings()).toEqual([['source.failing', 'source/events', 'error']]);
    expect(events()[0]).toMatchObject({ time: '2026-11-22T12:00:00.000Z', provenance: 'derived', data: { reason: 'sh exited with 3' } });
    const healed = await ask([works], NOON_MS + 4 * MINUTE_MS);
    expect(hasNews(healed)).toBe(true);
    await ask([works], NOON_MS + 5 * MINUTE_MS);
    expect(findings()).toEqual([
      ['source.failing', 'source/events', 'error'],
      ['report.recovered', 'source/events', 'info'],
    ]);
  });

  it('that works in between is not broken', async () => {
    for (let n = 0; n < 6; n++) await ask([n % 2 === 0 ? broken : works], NOON_MS + n * MINUTE_MS);
    expect(findings()).toEqual([]);
  });

  it('has the severity that its binding says', async () => {
    await ask([{ ...broken, failAfter: 1, severity: 'critical' }]);
    expect(findings()).toEqual([['source.failing', 'source/events', 'critical']]);
  });
});

describe('a folder', () => {
  const folder = (): string => join(world.root, 'incoming');
  const from = source({ kind: 'folder', path: 'incoming' });

  it('that is not there is told so', async () => {
    expect(failures(await ask([from]))).toEqual(['incoming is not there']);
  });

  it('is emptied of what is recorded; what is not is kept aside with its reasons; names with a dot and folders are left alone', async () => {
    mkdirSync(join(folder(), 'sub'), { recursive: true });
    writeFileSync(join(folder(), 'a.json'), cloudEvent('1'));
    writeFileSync(join(folder(), 'b.json'), '{broken');
    writeFileSync(join(folder(), '.c.json'), cloudEvent('3'));
    symlinkSync('/etc/passwd', join(folder(), 'd.json'));
    const listened = await ask([from]);
    expect(listened.polled).toMatchObject([{ recorded: 1, failure: expect.stringContaining('b.json: input: not JSON') }]);
    expect(readdirSync(folder()).sort()).toEqual(['.c.json', 'refused', 'sub']);
    expect(readdirSync(join(folder(), 'refused')).sort()).toEqual(['b.json', 'b.json.reason.txt', 'd.json', 'd.json.reason.txt']);
    expect(readFileSync(join(folder(), 'refused', 'b.json.reason.txt'), 'utf8')).toContain('not JSON');
    expect(readFileSync(join(folder(), 'refused', 'd.json.reason.txt'), 'utf8')).toContain('symbolic link');
  });

  it('in which something can be neither read nor moved aside is heard all the same, and told so', async () => {
    mkdirSync(folder());
    symlinkSync('/etc/passwd', join(folder(), 'a'.repeat(250)));
    writeFileSync(join(folder(), 'z.json'), cloudEvent('1'));
    expect((await ask([from])).polled).toMatchObject([{ recorded: 1, failure: expect.stringContaining('cannot move') }]);
    expect((await ask([from], NOON_MS + MINUTE_MS)).polled).toMatchObject([{ recorded: 0, failure: expect.stringContaining('cannot move') }]);
    expect(readdirSync(join(folder(), 'refused'))).toEqual([]);
  });

  it('never puts one refused file in place of another', async () => {
    for (const text of ['{one', '{two']) {
      mkdirSync(folder(), { recursive: true });
      writeFileSync(join(folder(), 'a.json'), text);
      await ask([from], NOON_MS + (text === '{two' ? MINUTE_MS : 0));
    }
    expect(['a.json', 'a.json.1'].map((name) => readFileSync(join(folder(), 'refused', name), 'utf8'))).toEqual(['{one', '{two']);
  });

  it.skipIf(process.getuid?.() === 0)('from which nothing can be taken away is told so', async () => {
    mkdirSync(folder());
    writeFileSync(join(folder(), 'a.json'), cloudEvent('1'));
    chmodSync(folder(), 0o555);
    expect(failures(await ask([from]))).toEqual([expect.stringContaining('cannot take away')]);
    chmodSync(folder(), 0o755);
    expect(existsSync(join(folder(), 'a.json'))).toBe(true);
  });
});

describe('a URL', () => {
  it('is asked with its headers, secrets included, and more than the answer of a messenger is read', async () => {
    const body = Array.from({ length: 600 }, (_, i) => cloudEvent(String(i), { data: { summary: 'x'.repeat(200) } })).join('\n');
    expect(body.length).toBeGreaterThan(150_000);
    const receiver = await startReceiver([{ status: 200, body }]);
    process.env['RGOV_TEST_TOKEN'] = 'hunter2';
    const headers = { Authorization: { env: 'RGOV_TEST_TOKEN' }, 'X-Team': 'ops' };
    const listened = await ask([source({ kind: 'url', url: `${receiver.origin}/runs?page=1`, headers })]);
    await receiver.close();
    expect(listened.polled).toMatchObject([{ recorded: 600, failure: null }]);
    expect(receiver.requests).toMatchObject([{ method: 'GET', path: '/runs?page=1', headers: { authorization: 'hunter2', 'x-team': 'ops' } }]);
  });

  it('that answers with an error, is not allowed or not there is told so, without its path', async () => {
    const receiver = await startReceiver([{ status: 503 }]);
    const url = `${receiver.origin}/secret-path`;
    const refused = await ask([source({ kind: 'url', url, headers: {} })]);
    const closed = await ask([source({ kind: 'url', url, headers: {} }, { allowHosts: [] })], NOON_MS + MINUTE_MS);
    await receiver.close();
    const gone = await ask([source({ kind: 'url', url, headers: {} })], NOON_MS + 2 * MINUTE_MS);
    const all = [refused, closed, gone].flatMap(failures);
    expect(all).toEqual([
      expect.stringContaining('answered with 503'),
      expect.stringContaining('loopback'),
      expect.stringContaining('connection refused'),
    ]);
    expect(all.join()).not.toContain('secret-path');
    expect(receiver.connections).toBe(1);
  });
});

describe('a runtime that is asked whether it lives', () => {
  const list = readFileSync(join(import.meta.dirname, '../fixtures/openclaw/tasks-list-running.json'), 'utf8');

  it('fails the source while it does not answer, although its list can be read', async () => {
    writeFileSync(join(world.root, 'list.json'), list);
    const from = (livenessUrl: string): ResolvedSource => command('cat list.json', { adapter: 'openclaw', livenessUrl });
    const receiver = await startReceiver([{ status: 200 }, { status: 503 }]);
    expect(failures(await ask([from(receiver.origin)]))).toEqual([null]);
    const down = await ask([from(receiver.origin)], NOON_MS + MINUTE_MS);
    await receiver.close();
    expect(failures(down)).toEqual([expect.stringMatching(/^the runtime does not answer: .*503$/)]);
  });
});

describe('when it is asked next', () => {
  const from = command('true');
  const next = (now_ms: number): number | null => nextAskOfAll_ms(catalogOf({ sources: [from] }), world.layout, now_ms);

  it('is at once where nothing is remembered, and a little early for cron', async () => {
    expect(next(NOON_MS)).toBe(NOON_MS);
    await ask([from]);
    expect(next(NOON_MS + 1)).toBe(NOON_MS + 57_000);
  });

  it('is at once where the clock was set back, or the memory is damaged', async () => {
    await ask([from]);
    expect(next(NOON_MS - MINUTE_MS)).toBe(NOON_MS - MINUTE_MS);
    writeFileSync(join(world.layout.cache, 'sources.json'), '{"format":1,"sources":{"events":{"asked_ms":"x"}}}');
    expect(next(NOON_MS + 1)).toBe(NOON_MS + 1);
  });

  it.each([
    ['a failure that began after the end of time', { asked_ms: NOON_MS, failures: 5, failingSince_ms: 1e300, why: 'x' }],
    ['fewer failures than none', { asked_ms: NOON_MS - MINUTE_MS, failures: -1e15, failingSince_ms: NOON_MS - MINUTE_MS, why: 'x' }],
    ['a failure of the next century', { asked_ms: 5e12, failures: 1, failingSince_ms: 5e12, why: 'x' }],
  ])('a memory of %s keeps nobody from being told', async (_, memory) => {
    mkdirSync(world.layout.cache, { recursive: true });
    writeFileSync(join(world.layout.cache, 'sources.json'), JSON.stringify({ format: 1, sources: { events: memory } }));
    for (const minutes of [1, 2]) await ask([command('exit 3')], NOON_MS + minutes * MINUTE_MS);
    expect(events()).toMatchObject([{ type: 'source.failing', time: expect.stringMatching(/^2026-11-22T12:0[12]/) }]);
  });

  it('is never where there is none', () => {
    expect(nextAskOfAll_ms(catalogOf(), world.layout, NOON_MS)).toBeNull();
  });
});
