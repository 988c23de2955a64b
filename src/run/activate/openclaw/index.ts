import { join } from 'node:path';
import { packageRoot } from '../../locate.ts';
import type { Activation, ActivationKind } from '../kind.ts';
import { noSchedule, scheduleWords } from '../schedule-words.ts';
import { environmentSecrets } from '../secrets.ts';
import type { Site } from '../site.ts';
import { jobPiece } from './job.ts';
import { pluginPiece } from './plugin.ts';
import { OpenClawProgram } from './program.ts';

const NEVER = { kind: 'every', every_ms: 86_400_000 } as const;

/** A job of OpenClaw's scheduler that makes a pass, and the plugin by which OpenClaw asks and answers. */
export const openclaw: ActivationKind = {
  name: 'openclaw',
  summary: 'a cron job and a plugin of OpenClaw',
  scopes: [],
  canWatch: false,
  describe,
};

function describe(site: Site): Activation {
  const { catalog } = site;
  const program = new OpenClawProgram(site);
  const plugin = pluginPiece(site, program, join(packageRoot(), 'examples', 'openclaw-plugin'));
  return {
    summary: `${scheduleWords(catalog.schedule)}, by the scheduler of OpenClaw; its plugin asks the gate and brings outcomes back`,
    // The plugin first: what a pass sends may come back at once.
    pieces: [plugin, jobPiece(site, program, catalog.schedule ?? NEVER)],
    leftovers: [],
    next: { written: [], removed: [] },
    warnings: [
      'while the gateway of OpenClaw is down, nobody makes a pass and nobody is told of it: keep a second watcher beside it, rgov activate --as cron (or systemd)',
      ...environmentSecrets(catalog).map((name) => `the secret {env: ${name}} must be in the environment of the gateway, or be a {file: PATH}`),
    ],
    refusal: catalog.schedule === null ? noSchedule(catalog.binding) : null,
  };
}
