import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Heartbeat } from '../../src/model/catalog.ts';
import { RgovError } from '../../src/model/errors.ts';
import { Pinger, type PingerOptions, passWithHeartbeat } from '../../src/run/heartbeat.ts';
import { emptyReport, type PassReport } from '../../src/run/pass-report.ts';
import type { Workspace } from '../../src/run/workspace.ts';
import { refusedOrigin } from '../support/loopback-receiver.ts';
import { catalogOf, NOON_MS, World } from '../support/world.ts';
import { type Monitor, startMonitor } from './monitor.ts';

const EVERY_MS = 600_000;
const healthy = async (): Promise<PassReport> => emptyReport(NOON_MS);
const failing = async (): Promise<PassReport> => ({ ...emptyReport(NOON_MS), failures: ['state/events/x: permission denied'] });
const breaking = async (): Promise<PassReport> => {
  throw new RgovError('state_io', 'cannot write state/canary-path: no space left');
};

let world: World;
let monitor: Monitor;
let now_ms: number;
beforeEach(async () => {
  world = new World();
  monitor = await startMonitor();
  now_ms = NOON_MS;
});
afterEach(async () => {
  await monitor.close();
  world.remove();
});

function workspace(parts: Partial<Heartbeat> = {}): Workspace {
  const heartbeat: Heartbeat = { kind: 'url', to: `${monitor.origin}/ping/canary-4711`, every_ms: EVERY_MS, ...parts };
  return { root: world.root, layout: world.layout, catalog: catalogOf({ heartbeat }) };
}

const options = (parts: Partial<PingerOptions> = {}): PingerOptions => ({ clock: () => now_ms, ...parts });
const once = (pass = healthy, at = workspace(), parts: Partial<PingerOptions> = {}): Promise<PassReport> =>
  passWithHeartbeat(at, options(parts), pass);

describe('a pass that completes', () => {
  it('is announced before and after, as one run', async () => {
    const during: string[][] = [];
    const report = await once(async () => {
      await expect.poll(() => monitor.pings.length, { timeout: 20_000 }).toBe(1);
      during.push(monitor.signals());
      return { ...emptyReport(NOON_MS), events: 3, notices: 2 };
    });
    expect(during).toEqual([['start']]);
    expect(monitor.signals()).toEqual(['start', 'success']);
    expect(monitor.pings.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /ping/canary-4711/start', 'POST /ping/canary-4711']);
    const ids = monitor.pings.map(({ query }) => query.get('rid'));
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(monitor.pings[1]?.body).toContain('events: 3\nnotices: 2\n');
    expect(report).toMatchObject({ events: 3, heartbeat: { ok: true, detail: `heartbeat heard by ${monitor.origin}` } });
  });

  it('says nothing where nobody listens', async () => {
    const at = workspace();
    expect(await once(healthy, { ...at, catalog: catalogOf() })).toEqual(emptyReport(NOON_MS));
    expect(monitor.pings).toEqual([]);
  });

  it('pings another run by another id', async () => {
    await once();
    now_ms += EVERY_MS;
    await once();
    expect(new Set(monitor.pings.map(({ query }) => query.get('rid'))).size).toBe(2);
  });

  it('keeps the query of the URL, and adds no second slash', async () => {
    await once(healthy, workspace({ to: `${monitor.origin}/my-slug/?create=1&tz=a%20b%2Fc#here` }));
    expect(monitor.pings.map(({ path }) => path)).toEqual(['/my-slug/start', '/my-slug']);
    for (const { search } of monitor.pings) expect(search).toMatch(/^\?create=1&tz=a%20b%2Fc&rid=[0-9a-f-]{36}$/);
  });
});

describe('a pass that fails', () => {
  it('says so, with numbers and without what it is about', async () => {
    const report = await once(failing);
    expect(report.failures).toHaveLength(1);
    expect(monitor.signals()).toEqual(['start', 'fail']);
    expect(monitor.pings[1]?.query.get('rid')).toBe(monitor.pings[0]?.query.get('rid'));
    expect(monitor.pings[1]?.body).toMatch(/1 part of it failed/);
    expect(monitor.pings[1]?.body).not.toContain('permission denied');
  });

  it('says so when it breaks off, too, and still throws what it threw', async () => {
    await expect(once(breaking)).rejects.toThrow('no space left');
    expect(monitor.signals()).toEqual(['start', 'fail']);
    expect(monitor.pings[1]?.body).toContain('state_io');
    expect(monitor.pings[1]?.body).not.toContain('canary-path');
  });

  it('throws what it threw even if nobody hears of it', async () => {
    await expect(once(breaking, workspace({ to: `${await refusedOrigin()}/x` }))).rejects.toThrow('no space left');
  });
});

describe('no more often than wanted', () => {
  it('a pass before its time says nothing', async () => {
    await once();
    now_ms += EVERY_MS / 2;
    expect(await once()).not.toHaveProperty('heartbeat');
    expect(monitor.signals()).toEqual(['start', 'success']);
    now_ms += EVERY_MS / 2;
    await once();
    expect(monitor.signals()).toEqual(['start', 'success', 'start', 'success']);
  });

  it('but a failure after a success is told at once, and only once', async () => {
    await once();
    now_ms += 1_000;
    await expect(once(breaking)).rejects.toThrow();
    now_ms += 1_000;
    await once(failing);
    now_ms += 1_000;
    await once(healthy);
    expect(monitor.signals()).toEqual(['start', 'success', 'fail']);
    now_ms += EVERY_MS;
    await once(healthy);
    expect(monitor.signals().slice(3)).toEqual(['start', 'success']);
  });

  it('a clock that jumped back does not silence it', async () => {
    await once();
    now_ms -= 7 * 86_400_000;
    await once();
    expect(monitor.signals()).toEqual(['start', 'success', 'start', 'success']);
  });

  it('what nobody heard is said again sooner', async () => {
    monitor.status = 503;
    expect(await once()).toMatchObject({ heartbeat: { ok: false } });
    now_ms += 10_000;
    expect(await once()).not.toHaveProperty('heartbeat');
    monitor.status = 200;
    now_ms += 50_000;
    expect(await once()).toMatchObject({ heartbeat: { ok: true } });
  });
});

describe('a receiver that does not take it', () => {
  it('nobody listens there: the pass is as good as any other', async () => {
    const origin = await refusedOrigin();
    const report = await once(healthy, workspace({ to: `${origin}/ping/canary-4711?key=canary-4712` }));
    expect(report).toEqual({
      ...emptyReport(NOON_MS),
      heartbeat: { ok: false, detail: `heartbeat not heard by ${origin}: connection refused (ECONNREFUSED)` },
    });
  });

  it('a receiver that never answers is cut off', async () => {
    monitor.hold();
    const report = await once(healthy, workspace(), { limit_ms: 50 });
    expect(report.heartbeat).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^heartbeat not heard by http:.*: cut off by the time limit/),
    });
  });

  it('redirects are not followed', async () => {
    Object.assign(monitor, { status: 302, headers: { location: `${monitor.origin}/elsewhere` } });
    const { heartbeat } = await once();
    expect(heartbeat).toMatchObject({ ok: false, detail: expect.stringContaining('redirects are not followed') });
    expect(monitor.pings.map(({ path }) => path)).not.toContain('/elsewhere');
    expect(monitor.pings).toHaveLength(2);
  });

  it.each(['not found', 'rate limited'])('200 with the words "%s" is no success', async (words) => {
    monitor.text = `OK (${words})`;
    expect((await once()).heartbeat).toEqual({ ok: false, detail: `heartbeat refused by ${monitor.origin}: answered with 200 (${words})` });
  });

  it('an end that is heard counts, whatever became of the start', async () => {
    monitor.refused = /start$/;
    const { heartbeat } = await once();
    expect(heartbeat).toMatchObject({ ok: true, detail: expect.stringMatching(/heard by .*, but not its start: .* answered with 503$/) });
    now_ms += 60_000;
    expect(await once()).not.toHaveProperty('heartbeat');
  });
});

describe('what is secret', () => {
  it('stays so: neither the result nor the state holds any of it', async () => {
    const env = { HC_URL: `${monitor.origin}/ping/canary-4711?key=canary-4712\n` };
    const at = workspace({ to: { env: 'HC_URL' } });
    monitor.status = 404;
    monitor.text = 'no such check: /ping/canary-4711?key=canary-4712';
    const report = await once(healthy, at, { env });
    expect(monitor.pings.map(({ path }) => path)).toEqual(['/ping/canary-4711/start', '/ping/canary-4711']);
    expect(report.heartbeat).toEqual({
      ok: false,
      detail: 'heartbeat refused by the URL in the environment variable HC_URL: answered with 404',
    });
    expect(readFileSync(join(world.layout.cache, 'heartbeat.json'), 'utf8')).not.toMatch(/canary|127\.0\.0\.1/);
  });

  it.each([
    [{}, 'no heartbeat was sent: the environment variable HC_URL is not set'],
    [{ HC_URL: 'canary-4711' }, 'no heartbeat was sent: its URL is not an http or https URL'],
    [{ HC_URL: 'file:///etc/canary-4711' }, 'no heartbeat was sent: its URL is not an http or https URL'],
    [{ HC_URL: 'http://canary-4711:99999/' }, 'no heartbeat was sent: its URL is not an http or https URL'],
  ])('%j cannot be used, and is not quoted', async (env, detail) => {
    expect(await once(healthy, workspace({ to: { env: 'HC_URL' } }), { env })).toMatchObject({ heartbeat: { ok: false, detail } });
  });
});

describe('in a process that makes many passes', () => {
  it('no pass waits for a ping, and at most one is on its way', async () => {
    const results: boolean[] = [];
    const pinger = new Pinger(options({ onResult: ({ ok }) => results.push(ok) }));
    const held = monitor.hold();
    await pinger.during(workspace(), healthy);
    now_ms += EVERY_MS;
    await pinger.during(workspace(), healthy);
    await pinger.during(workspace(), healthy);
    await expect.poll(() => monitor.signals(), { timeout: 20_000 }).toEqual(['start']);
    expect(results).toEqual([]);
    held.release();
    await pinger.settled();
    expect(results).toEqual([true]);
    expect(monitor.signals()).toEqual(['start', 'success']);
    await pinger.during(workspace(), healthy);
    await pinger.settled();
    expect(monitor.signals()).toEqual(['start', 'success', 'start', 'success']);
  });

  it('a failure while a ping is on its way is told after it', async () => {
    const pinger = new Pinger(options());
    const held = monitor.hold();
    await pinger.during(workspace(), healthy);
    now_ms += 1_000;
    await expect(pinger.during(workspace(), breaking)).rejects.toThrow('no space left');
    held.release();
    await pinger.settled();
    expect(monitor.signals()).toEqual(['start', 'success', 'fail']);
  });

  it('knows when it has to be heard again', async () => {
    const pinger = new Pinger(options());
    expect(pinger.nextDue_ms(workspace())).toBe(NOON_MS);
    await pinger.during(workspace(), healthy);
    await pinger.settled();
    now_ms += 1_000;
    expect(pinger.nextDue_ms(workspace())).toBe(NOON_MS + EVERY_MS);
    expect(pinger.nextDue_ms({ ...workspace(), catalog: catalogOf() })).toBeNull();
  });

  it('does not ping at every pass where nothing can be remembered', async () => {
    const pinger = new Pinger(options());
    world.write('.cache', 'a file where the folder should be');
    for (let n = 0; n < 3; n++) {
      await pinger.during(workspace(), healthy);
      await pinger.settled();
    }
    expect(monitor.signals()).toEqual(['start', 'success']);
  });

  it('ends within the time limit of one request, and sends nothing afterwards', async () => {
    const pinger = new Pinger(options({ limit_ms: 50 }));
    monitor.hold();
    await pinger.during(workspace(), healthy);
    await pinger.close();
    expect(pinger.last?.ok).not.toBe(true);
    const before = monitor.pings.length;
    now_ms += EVERY_MS;
    await pinger.during(workspace(), healthy);
    await pinger.settled();
    expect(monitor.pings).toHaveLength(before);
  });

  it('a pass that the end of the process cuts off is not told, nor taken for told by the next process', async () => {
    const pinger = new Pinger(options());
    const cutOff = async (): Promise<PassReport> => {
      await expect.poll(() => monitor.signals(), { timeout: 20_000 }).toEqual(['start']);
      await pinger.close();
      return breaking();
    };
    await expect(pinger.during(workspace(), cutOff)).rejects.toThrow('no space left');
    await pinger.settled();
    expect(monitor.signals()).toEqual(['start']);
    expect(pinger.last).toBeNull();
    await once(breaking).catch(() => {});
    expect(monitor.signals()).toEqual(['start', 'start', 'fail']);
  });

  it('survives a listener that throws', async () => {
    const pinger = new Pinger(
      options({
        onResult: () => {
          throw new Error('listener');
        },
      }),
    );
    await pinger.during(workspace(), healthy);
    await pinger.settled();
    expect(monitor.signals()).toEqual(['start', 'success']);
  });
});
