import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RgovError } from '../../src/model/errors.ts';
import { activateKind } from '../../src/run/activate/index.ts';
import type { Activation } from '../../src/run/activate/kind.ts';
import { openclaw as kind } from '../../src/run/activate/openclaw/index.ts';
import { jobPiece } from '../../src/run/activate/openclaw/job.ts';
import { pluginPiece } from '../../src/run/activate/openclaw/plugin.ts';
import { type OpenClaw, OpenClawProgram, openclawArgv } from '../../src/run/activate/openclaw/program.ts';
import type { Site } from '../../src/run/activate/site.ts';
import { catalogOf, resolvedSender } from '../support/world.ts';
import { Grounds } from './site.ts';

type Json = Record<string, unknown>;

/** Keeps what OpenClaw 2026.9.6 keeps, and answers as it does (measured): see test/e2e for the real one. */
class StandIn implements OpenClaw {
  plugin: { rootDir: string; enabled: boolean } | null = null;
  entry: Json | null = null;
  jobs: Json[] = [];
  isUp = true;
  readonly calls: string[] = [];

  async run(...args: string[]): Promise<Buffer> {
    return Buffer.from(JSON.stringify(await this.ask(...args)));
  }

  async ask(...args: string[]): Promise<Json> {
    const [what = '', verb = '', ...rest] = args;
    this.calls.push(`${what} ${verb}`);
    if (what === 'cron' && !this.isUp) throw new RgovError('state_io', 'openclaw cron list failed: Gateway not reachable (ECONNREFUSED)');
    switch (`${what} ${verb}`) {
      case 'plugins list':
        return { plugins: [{ id: 'telegram', enabled: true }, ...(this.plugin ? [{ id: 'reporting-governance', ...this.plugin }] : [])] };
      case 'plugins install':
        this.plugin = { rootDir: rest[1] ?? '', enabled: false };
        return {};
      case 'plugins enable':
        if (this.plugin) this.plugin.enabled = true;
        return {};
      case 'plugins uninstall':
        this.plugin = null;
        this.entry = { enabled: false };
        return {};
      case 'config get':
        if (this.entry === null) throw new RgovError('state_io', 'openclaw config get failed: Config path is valid but unset: plugins.entries.x');
        return this.entry;
      case 'config set':
        this.entry = { ...this.entry, config: JSON.parse(rest[1] ?? '') };
        return {};
      case 'config unset':
        this.entry = null;
        return {};
      case 'cron list':
        return { jobs: structuredClone(this.jobs) };
      case 'cron add':
        return this.#add(rest);
      case 'cron enable':
        for (const job of this.jobs) if (job['id'] === rest[0]) job['enabled'] = true;
        return {};
      case 'cron rm':
        this.jobs = this.jobs.filter(({ id }) => id !== rest[0]);
        return {};
      default:
        throw new Error(`nobody knows ${args.join(' ')}`);
    }
  }

  #add(args: string[]): Json {
    const option = (name: string): string => args[args.indexOf(name) + 1] ?? '';
    const declarationKey = option('--declaration-key');
    const known = this.jobs.find((job) => job['declarationKey'] === declarationKey);
    const job = {
      id: known?.['id'] ?? `id-${this.jobs.length}`,
      declarationKey,
      name: option('--name'),
      enabled: known?.['enabled'] ?? true,
      schedule: args.includes('--every')
        ? { kind: 'every', everyMs: Number.parseInt(option('--every'), 10), anchorMs: 1795994215289 }
        : { kind: 'cron', expr: option('--cron'), tz: option('--tz'), staggerMs: 0 },
      payload: {
        kind: 'command',
        argv: JSON.parse(option('--command-argv')),
        cwd: option('--command-cwd'),
        env: { PATH: option('--command-env').replace(/^PATH=/, '') },
        timeoutSeconds: Number(option('--timeout-seconds')),
      },
      delivery: { mode: 'none', channel: 'last' },
      state: { nextRunAtMs: 1 },
    };
    this.jobs = [...this.jobs.filter((other) => other !== known), job];
    return { created: known === undefined, job };
  }
}

let grounds: Grounds;
let openclaw: StandIn;
beforeEach(() => {
  grounds = new Grounds();
  openclaw = new StandIn();
});
afterEach(() => grounds.remove());

/** The kind as it is, with the stand-in for the program. */
async function act(site: Site, mode: 'print' | 'write' | 'check' | 'remove', force = false) {
  const describe = async (): Promise<Activation> => ({
    ...(await kind.describe(site)),
    pieces: [pluginPiece(site, openclaw, '/usr/lib/rgov/plugin'), jobPiece(site, openclaw, site.catalog.schedule ?? { kind: 'every', every_ms: 1 })],
  });
  return activateKind({ ...kind, describe }, site, { mode, force });
}

describe('a job and a plugin', () => {
  it('are put in, checked and taken out, and what others have stays', async () => {
    openclaw.jobs = [{ id: 'theirs', declarationKey: 'other', name: 'nightly' }];
    const site = grounds.site();
    expect(await act(site, 'check')).toMatchObject({ ok: false, pieces: [{ found: 'missing' }, { found: 'missing' }] });
    expect(await act(site, 'write')).toMatchObject({ ok: true });
    expect(await act(site, 'check')).toMatchObject({ ok: true });
    openclaw.calls.length = 0;
    expect(await act(site, 'write')).toMatchObject({ ok: true, pieces: [{ done: 'kept' }, { done: 'kept' }] });
    expect(openclaw.calls).toEqual(['plugins list', 'config get', 'cron list']);
    expect(await act(site, 'remove')).toMatchObject({ ok: true });
    expect([openclaw.plugin, openclaw.entry, openclaw.jobs]).toEqual([null, null, [{ id: 'theirs', declarationKey: 'other', name: 'nightly' }]]);
  });

  it('say which program, workspace and binding; a pass that needs a human is no failure of the job', async () => {
    const site = grounds.site({ posture: 'enforce' });
    await act(site, 'write');
    const rgov = [process.execPath, site.program, '-C', site.root, '--binding', 'default'];
    expect(openclaw.entry).toEqual({ config: { command: rgov, state: site.state, posture: 'enforce', gate: true, timeLimitMs: 10_000 } });
    const { payload, name } = openclaw.jobs[0] as { payload: { argv: string[]; env: Json }; name: string };
    expect(name).toBe(`rgov-reconcile-${site.slug}`);
    expect(payload.argv.slice(4)).toEqual([...rgov, 'reconcile', '--quiet']);
    expect(payload.env).toEqual({ PATH: site.path });
    const { spawnSync } = await import('node:child_process');
    const codes = [0, 1, 2, 4, 70].map((code) => spawnSync('/bin/sh', [...payload.argv.slice(1, 4), 'sh', '-c', `exit ${code}`]).status);
    expect(codes).toEqual([0, 0, 2, 4, 70]);
  });

  it.each<[string, (is: StandIn) => void, string]>([
    ['a job that was switched off', ({ jobs }) => Object.assign(jobs[0] ?? {}, { enabled: false }), 'cron'],
    ['another interval', ({ jobs }) => Object.assign(jobs[0] ?? {}, { schedule: { kind: 'every', everyMs: 1 } }), 'cron'],
    ['another command', ({ jobs }) => Object.assign(jobs[0] ?? {}, { payload: { kind: 'command', argv: ['true'] } }), 'cron'],
    ['an announcement', ({ jobs }) => Object.assign(jobs[0] ?? {}, { delivery: { mode: 'announce' } }), 'cron'],
    ['a plugin that was switched off', ({ plugin }) => Object.assign(plugin ?? {}, { enabled: false }), 'plugin'],
    ['a plugin from another folder', ({ plugin }) => Object.assign(plugin ?? {}, { rootDir: '/old' }), 'plugin'],
    ['another setting of it', (is) => Object.assign(is.entry ?? {}, { config: { ...(is.entry?.['config'] as Json), posture: 'observe' } }), 'plugin'],
  ])('%s is noticed, and put right', async (_, change, where) => {
    const site = grounds.site();
    await act(site, 'write');
    change(openclaw);
    const { ok, pieces } = await act(site, 'check');
    expect([ok, pieces.filter(({ found }) => found === 'changed').map((piece) => piece.where.includes(where))]).toEqual([false, [true]]);
    expect(await act(site, 'write')).toMatchObject({ ok: true });
    expect(await act(site, 'check')).toMatchObject({ ok: true });
  });

  it('a cron schedule keeps its time zone', async () => {
    const site = grounds.site({ schedule: { kind: 'cron', cron: '*/5 * * * *', timezone: 'Europe/Berlin' } });
    await act(site, 'write');
    expect(openclaw.jobs[0]).toMatchObject({ schedule: { kind: 'cron', expr: '*/5 * * * *', tz: 'Europe/Berlin' } });
    expect(await act(site, 'check')).toMatchObject({ ok: true });
  });

  it('two workspaces have a job each; the plugin belongs to the first, and is not taken away by the second', async () => {
    const [one, two] = [grounds.site(), grounds.site({}, { name: 'other' })];
    await act(one, 'write');
    expect(await act(two, 'write')).toMatchObject({ ok: false, pieces: [{ found: 'foreign', done: 'refused' }, { done: 'kept' }] });
    await act(two, 'remove');
    expect(await act(one, 'check')).toMatchObject({ ok: true });
    expect(await act(two, 'write', true)).toMatchObject({ ok: true });
    expect(openclaw.jobs).toHaveLength(2);
  });

  it('while the gateway is down, nothing is written', async () => {
    openclaw.isUp = false;
    await expect(act(grounds.site(), 'write')).rejects.toThrow(/Gateway not reachable/);
    expect(openclaw.plugin).toBeNull();
  });

  it('say that a watcher inside what it watches dies with it', async () => {
    expect((await act(grounds.site(), 'print')).warnings[0]).toContain('keep a second watcher beside it');
    await expect(act(grounds.site({ schedule: null }), 'write')).rejects.toThrow(/does not say how often/);
  });
});

describe('the program', () => {
  it('is called as the source calls it, or the sender, or by its name', () => {
    const from = { kind: 'command' as const, argv: ['docker', 'exec', 'claw', 'openclaw', 'tasks', 'list', '--json'] };
    const source = { name: 'x', adapter: 'openclaw', from, livenessUrl: null, allowHosts: [], every_ms: 1, timeLimit_ms: 1, failAfter: 1 };
    expect(openclawArgv(catalogOf({ sources: [{ ...source, severity: 'error' }] }))).toEqual(['docker', 'exec', 'claw', 'openclaw']);
    const sender = { ...resolvedSender(), kind: 'openclaw', config: { argv: ['/opt/oc'] } };
    expect(openclawArgv(catalogOf({ senders: { claw: sender } }))).toEqual(['/opt/oc']);
    expect(openclawArgv(catalogOf())).toEqual(['openclaw']);
  });

  const program = (script: string): OpenClawProgram => {
    const sender = { ...resolvedSender(), kind: 'openclaw', config: { argv: ['sh', '-c', script] } };
    return new OpenClawProgram(grounds.site({ senders: { claw: sender } }));
  };
  it.each([
    [`echo '{"ok":false,"error":{"message":"no such job"}}'; exit 1`, /failed: no such job/],
    ['echo gone >&2; exit 1', /failed: gone/],
    ['kill -9 $$', /did not come to its end/],
    ['echo words', /printed no JSON object/],
  ])('that does %s is told so', async (script, why) => {
    await expect(program(script).ask('cron', 'list')).rejects.toThrow(why);
  });
});
