import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject } from '../../../adapters/foreign.ts';
import type { PassSchedule } from '../../../model/catalog.ts';
import { PASS_JOB_PREFIX } from '../../../model/words.ts';
import { differencesOf, type Found, type Piece } from '../piece.ts';
import { rgovArgv, type Site } from '../site.ts';
import { attempt } from './plugin.ts';
import type { OpenClaw } from './program.ts';

/** A pass that takes longer is ended; the next one goes on. */
const LIMIT_S = 600;
/**
 * Exit code 1 says that a human is needed, and its notice says it to them; OpenClaw would call the job failed, and start it less and less
 * often. Everything graver stays a failure.
 */
const ONE_IS_NO_FAILURE = '"$@" || { code=$?; [ $code -eq 1 ] || exit $code; }';

interface Job {
  name: string;
  enabled: boolean;
  schedule: JsonObject;
  payload: JsonObject;
  delivery: string;
}

/** An entry of OpenClaw's own scheduler that makes a pass. It is found again by its declaration key, whatever its name. */
export function jobPiece(site: Site, openclaw: OpenClaw, schedule: PassSchedule): Piece {
  const key = `reporting-governance:${site.slug}`;
  const argv = ['/bin/sh', '-c', ONE_IS_NO_FAILURE, 'rgov', ...rgovArgv(site), 'reconcile', '--quiet'];
  const wanted: Job = {
    name: `${PASS_JOB_PREFIX}${site.slug}`,
    enabled: true,
    schedule: scheduleOf(schedule),
    payload: { kind: 'command', argv, cwd: site.root, env: { PATH: site.path }, timeoutSeconds: LIMIT_S },
    delivery: 'none',
  };
  return {
    where: `the cron job ${wanted.name} of OpenClaw`,
    why: 'makes one pass and ends. OpenClaw tells nobody of its outcome; what a human must know is told by the pass itself.',
    text: words(wanted),
    look: async () => found(await attempt(() => jobOf(openclaw, key)), wanted),
    write: async () => {
      await openclaw.run(...addition(wanted, key, schedule));
      const there = await jobOf(openclaw, key);
      // Adding it again changes it, but leaves it switched off where somebody has switched it off.
      if (there !== null && !there.job.enabled) await openclaw.run('cron', 'enable', there.id);
    },
    remove: async () => {
      const there = await jobOf(openclaw, key);
      if (there !== null) await openclaw.run('cron', 'rm', there.id, '--json');
    },
  };
}

const scheduleOf = (schedule: PassSchedule): JsonObject =>
  schedule.kind === 'every' ? { kind: 'every', everyMs: schedule.every_ms } : { kind: 'cron', expr: schedule.cron, tz: schedule.timezone };

function addition({ name, payload }: Job, key: string, schedule: PassSchedule): string[] {
  const when = schedule.kind === 'every' ? ['--every', `${schedule.every_ms}ms`] : ['--cron', schedule.cron, '--tz', schedule.timezone, '--exact'];
  const { argv, cwd, env } = payload as { argv: string[]; cwd: string; env: Record<string, string> };
  const variables = Object.entries(env).flatMap(([variable, value]) => ['--command-env', `${variable}=${value}`]);
  const command = ['--command-argv', JSON.stringify(argv), '--command-cwd', cwd, ...variables, '--timeout-seconds', String(LIMIT_S)];
  return ['cron', 'add', '--declaration-key', key, '--name', name, ...when, ...command, '--no-deliver', '--json'];
}

async function jobOf(openclaw: OpenClaw, key: string): Promise<{ id: string; job: Job } | null> {
  const { jobs } = await openclaw.ask('cron', 'list', '--all', '--json');
  const entry = (Array.isArray(jobs) ? jobs : []).filter(isObject).find(({ declarationKey }) => declarationKey === key);
  if (entry === undefined) return null;
  // When it began to count is OpenClaw's own; a stagger of nothing is none.
  const { anchorMs: _, staggerMs, ...rest } = isObject(entry['schedule']) ? entry['schedule'] : ({} as JsonObject);
  const schedule = staggerMs === undefined || staggerMs === 0 ? rest : { ...rest, staggerMs };
  const delivery = isObject(entry['delivery']) ? entry['delivery'] : ({} as JsonObject);
  const job = {
    name: String(entry['name']),
    enabled: entry['enabled'] === true,
    schedule,
    payload: isObject(entry['payload']) ? entry['payload'] : {},
    delivery: String(delivery['mode']),
  };
  return { id: String(entry['id']), job };
}

function found(there: Awaited<ReturnType<typeof attempt<Awaited<ReturnType<typeof jobOf>>>>>, wanted: Job): Found {
  if (there === null) return { status: 'missing' };
  if ('unknown' in there) {
    const { message, hint } = there.unknown;
    return { status: 'unknown', reason: message, ...(hint === undefined ? {} : { hint }) };
  }
  if (isDeepStrictEqual(there.job, wanted)) return { status: 'same' };
  return { status: 'changed', byHand: false, differences: differencesOf(words(there.job), words(wanted)) };
}

const words = (job: Job): string => `${JSON.stringify(job, null, 2)}\n`;
