import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { passIdly } from '../../src/cli/plain.ts';
import type { Heartbeat } from '../../src/model/catalog.ts';
import { Place, type Ran } from '../support/cli.ts';
import { refusedOrigin } from '../support/loopback-receiver.ts';
import { type Monitor, startMonitor } from './monitor.ts';

let place: Place;
let monitor: Monitor;
beforeEach(async () => {
  place = await Place.initialised();
  monitor = await startMonitor();
  // Leaves a remembered catalog, and nothing to do.
  await place.rgov(['reconcile']);
});
afterEach(async () => {
  await monitor.close();
  place.remove();
});

/** As if the binding had declared it; how it is declared is tested with the documents. */
function declare(parts: Partial<Heartbeat> = {}): void {
  const file = place.ws('.cache/catalog.json');
  const cached = JSON.parse(readFileSync(file, 'utf8'));
  cached.catalog.heartbeat = { kind: 'url', to: `${monitor.origin}/ping/canary-4711`, every_ms: 3_600_000, ...parts };
  writeFileSync(file, JSON.stringify(cached));
}

const reconcile = (...args: string[]): Promise<Ran> => place.rgov(['reconcile', ...args]);
const json = ({ stdout }: Ran): Record<string, unknown> => JSON.parse(stdout);

/** All text below `state/`, the machine's own files included. */
function everything(folder = place.ws('state')): string {
  if (!existsSync(folder)) return '';
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .flatMap((entry) => (entry.isFile() ? [`${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), 'utf8')}`] : []))
    .join('\n');
}

describe('rgov reconcile', () => {
  it('tells the monitor when there is work', async () => {
    declare();
    await place.rgov(['report', 'failed', '-s', 'job/x']);
    const ran = await reconcile('--json');
    expect(ran.code).toBe(0);
    expect(json(ran)).toMatchObject({ events: 1, heartbeat: { ok: true } });
    expect(monitor.signals()).toEqual(['start', 'success']);
    expect(monitor.pings[1]?.body).toContain('events: 1\n');
  });

  it('tells it, too, when there is nothing to do, by the short way and by the long one, but no more often than wanted', async () => {
    declare();
    expect(await reconcile()).toMatchObject({ code: 0, stdout: '' });
    expect(monitor.signals()).toEqual(['start', 'success']);
    expect(await reconcile()).toMatchObject({ code: 0, stdout: '' });
    const quiet = await reconcile('--json');
    expect(json(quiet)).not.toHaveProperty('heartbeat');
    expect(monitor.signals()).toEqual(['start', 'success']);
    rmSync(place.ws('state/.cache/heartbeat.json'));
    expect(json(await reconcile('--json'))).toMatchObject({ heartbeat: { ok: true } });
    expect(monitor.signals()).toEqual(['start', 'success', 'start', 'success']);
  });

  it('the short way steps aside while a ping is due, and only then', async () => {
    const args = { workspace: place.ws() };
    expect(passIdly(args, process.execPath)).toBe('idle');
    declare();
    expect(passIdly(args, process.execPath)).toBe('unknown');
    await reconcile();
    expect(passIdly(args, process.execPath)).toBe('idle');
  });

  it('does as well with a monitor that cannot be reached', async () => {
    const origin = await refusedOrigin();
    declare({ to: `${origin}/ping/canary-4711?key=canary-4712` });
    await place.rgov(['report', 'failed', '-s', 'job/x']);
    const ran = await reconcile('--json');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(json(ran)).toMatchObject({
      receipts: [{ status: 'pending_external_send' }],
      failures: [],
      heartbeat: { ok: false, detail: expect.stringContaining(origin) },
    });
    expect(ran.stdout + everything()).not.toContain('canary');
  });

  it('says that it failed, and ends as it would without a monitor', async () => {
    rmSync(place.ws('state'), { recursive: true });
    writeFileSync(place.ws('state'), 'a file where the folder should be');
    const before = await reconcile();
    declare();
    const after = await reconcile();
    expect(before.code).toBe(4);
    expect(after).toMatchObject({ code: before.code, stdout: before.stdout, stderr: before.stderr });
    expect(monitor.signals()).toEqual(['start', 'fail']);
  });

  it('never shows a URL that is a secret', async () => {
    declare({ to: { env: 'HC_URL' } });
    const env = { HC_URL: `${monitor.origin}/ping/canary-4711?key=canary-4712` };
    monitor.status = 404;
    monitor.text = 'no such check: /ping/canary-4711?key=canary-4712';
    const runs = [await place.rgov(['reconcile'], { env })];
    rmSync(place.ws('state/.cache/heartbeat.json'));
    runs.push(await place.rgov(['reconcile', '--json'], { env }), await place.rgov(['status', '--json'], { env }));
    expect(monitor.signals()).toEqual(['start', 'success', 'start', 'success']);
    expect(json(runs[1] as Ran)).toMatchObject({ heartbeat: { ok: false, detail: expect.stringContaining('HC_URL: answered with 404') } });
    expect(runs.map(({ stdout, stderr }) => stdout + stderr).join('') + everything()).not.toContain('canary');
    expect(everything()).toContain('heartbeat.json');
  });

  it('writes a file instead', async () => {
    declare({ kind: 'file', to: 'alive.json' });
    expect((await reconcile()).code).toBe(0);
    expect(JSON.parse(readFileSync(place.ws('alive.json'), 'utf8'))).toMatchObject({ ok: true });
  });
});
