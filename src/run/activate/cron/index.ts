import type { PassSchedule } from '../../../model/catalog.ts';
import { attempt } from '../attempt.ts';
import { blockPiece, type SharedText } from '../block-piece.ts';
import { cronExpression, type Expression } from '../cron-expression.ts';
import type { Activation, ActivationKind } from '../kind.ts';
import { machineZone } from '../machine-zone.ts';
import { shellWord } from '../quote.ts';
import { bridgeWarnings, noSchedule, scheduleWords } from '../schedule-words.ts';
import { environmentSecrets } from '../secrets.ts';
import { rgovArgv, type Site } from '../site.ts';
import { crontabOf } from './crontab.ts';

/** A block in the crontab of the user: one line that makes a pass. */
export const cron: ActivationKind = {
  name: 'cron',
  summary: 'a block in your crontab',
  scopes: [],
  canWatch: false,
  describe,
};

async function describe(site: Site): Promise<Activation> {
  const { catalog, owner, user } = site;
  const { value: expression, refusal } = attempt<Expression>({ fields: '', warnings: [] }, () => expressionOf(catalog.schedule, catalog.binding));
  const within = crontabOf(user.name, site.env, site.root);
  const block = blockPiece({
    owner,
    within,
    comment: '#',
    text: `${expression.fields} ${commandLine(site)}\n`,
    why: 'makes one pass and ends; between passes nothing of it runs. It prints only what needs a human, which cron then mails to MAILTO.',
  });
  return {
    summary: `${scheduleWords(catalog.schedule)}, by ${within.name}`,
    pieces: [block],
    leftovers: [],
    next: { written: [], removed: [] },
    warnings: [...expression.warnings, ...(await zoneWarning(within)), ...warningsOf(site)],
    refusal,
  };
}

/**
 * No variable is set for the lines of others: all that this one needs stands in it. What the table sets above it is passed on. The words
 * are quoted so that any SHELL of that table reads them alike.
 */
function commandLine(site: Site): string {
  const set = [`PATH=${site.path}`, `HOME=${site.user.home}`];
  const words = ['/usr/bin/env', ...set, ...rgovArgv(site), 'reconcile', '--quiet'];
  // crontab(5): a percent sign ends the line, unless it is escaped.
  return words.map(shellWord).join(' ').replaceAll('%', '\\%');
}

/** What cannot be read is said where it is looked at. */
async function zoneWarning(within: SharedText): Promise<string[]> {
  const table = await within.read().catch(() => Buffer.alloc(0));
  if (!/^[ \t]*CRON_TZ[ \t]*=/m.test(table.toString('latin1'))) return [];
  return [`${within.name} sets CRON_TZ: where cron knows it (cronie does), all lines below it go by that zone, and so does the block`];
}

function warningsOf({ catalog }: Site): string[] {
  return [
    ...environmentSecrets(catalog).map(
      (name) =>
        `the secret {env: ${name}} is not passed on by cron: use {file: PATH}, or set ${name} in the crontab above the block, where others may read it`,
    ),
    ...bridgeWarnings(catalog),
  ];
}

function expressionOf(schedule: PassSchedule | null, binding: string): Expression {
  if (schedule === null) throw noSchedule(binding);
  return cronExpression(schedule, { name: 'cron on this machine', zone: machineZone(), least_ms: 60_000 }, Date.now());
}
