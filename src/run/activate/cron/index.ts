import type { PassSchedule } from '../../../model/catalog.ts';
import { RgovError } from '../../../model/errors.ts';
import { blockPiece } from '../block-piece.ts';
import type { Activation, ActivationKind } from '../kind.ts';
import { machineZone } from '../machine-zone.ts';
import { shellWord } from '../quote.ts';
import { noSchedule, scheduleWords } from '../schedule-words.ts';
import { environmentSecrets } from '../secrets.ts';
import { rgovArgv, type Site } from '../site.ts';
import { crontabOf } from './crontab.ts';
import { cronExpression, type Expression } from './expression.ts';

/** A block in the crontab of the user: one line that makes a pass. */
export const cron: ActivationKind = {
  name: 'cron',
  summary: 'a block in your crontab',
  scopes: [],
  canWatch: false,
  describe,
};

function describe(site: Site): Activation {
  const { catalog, owner, user } = site;
  const { expression, refusal } = expressionOf(catalog.schedule, catalog.binding);
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
    warnings: [...expression.warnings, ...warningsOf(site)],
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

function warningsOf({ catalog }: Site): string[] {
  const bridges = Object.values(catalog.senders).filter(({ bridge }) => bridge === 'process');
  return [
    ...environmentSecrets(catalog).map(
      (name) =>
        `the secret {env: ${name}} is not passed on by cron: use {file: PATH}, or set ${name} in the crontab above the block, where others may read it`,
    ),
    ...bridges.map(({ name }) => `sender ${name} has a bridge of its own, which its user must start: rgov bridge --sender ${name}`),
  ];
}

function expressionOf(schedule: PassSchedule | null, binding: string): { expression: Expression; refusal: RgovError | null } {
  const none = { fields: '', warnings: [] };
  if (schedule === null) return { expression: none, refusal: noSchedule(binding) };
  try {
    return { expression: cronExpression(schedule, machineZone(), Date.now()), refusal: null };
  } catch (error) {
    if (error instanceof RgovError) return { expression: none, refusal: error };
    throw error;
  }
}
