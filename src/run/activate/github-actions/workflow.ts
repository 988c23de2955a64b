import { stringify } from 'yaml';
import { RgovError } from '../../../model/errors.ts';
import { cronExpression } from '../cron-expression.ts';
import { shellWord } from '../quote.ts';
import { noSchedule } from '../schedule-words.ts';
import { environmentSecrets } from '../secrets.ts';
import type { Site } from '../site.ts';

const LEAST_MS = 5 * 60_000;
const PASS_LIMIT_MINUTES = 30;

/** What GitHub reads. Throws `usage` where that cannot be said. */
export function workflow({ catalog }: Site, name: string, folder: string): { text: string; warnings: string[] } {
  const { binding, schedule, activation } = catalog;
  const settings = activation['github-actions'];
  if (schedule === null) throw noSchedule(binding);
  if (settings === undefined)
    throw new RgovError('usage', `the binding ${binding} does not say how rgov gets onto a runner`, {
      expected: 'spec.activation.github-actions.install, a command',
      hint: `add to bindings/${binding}.yaml, below spec:   activation: { github-actions: { install: npm install --global reporting-governance@1 } }`,
    });
  const { fields, warnings } = cronExpression(schedule, { name: 'GitHub', zone: 'UTC', least_ms: LEAST_MS }, Date.now());
  const place = folder === '' ? '.' : folder;
  // GitHub puts in what an expression stands for before any shell sees the quotes around it.
  if (place.includes('${{'))
    throw new RgovError('usage', `the folder ${place} would be read as an expression by GitHub`, { hint: 'git mv it to a name without ${{' });
  const document = {
    name,
    on: { schedule: [{ cron: fields }], workflow_dispatch: {} },
    permissions: { contents: 'write' },
    // One pass after the other: each begins with what the one before it pushed.
    concurrency: { group: name, 'cancel-in-progress': false },
    jobs: {
      pass: {
        'runs-on': settings.runsOn ?? 'ubuntu-latest',
        'timeout-minutes': PASS_LIMIT_MINUTES,
        steps: [
          { uses: 'actions/checkout@v5' },
          { uses: 'actions/setup-node@v5', with: { 'node-version': 22 } },
          { name: 'Install rgov', run: settings.install },
          { name: 'Say who commits', run: 'git config user.name "$GITHUB_ACTOR"\ngit config user.email "$GITHUB_ACTOR@users.noreply.github.com"\n' },
          {
            name: 'Make a pass',
            run: `rgov -C ${shellWord(place)} --binding ${binding} reconcile --commit`,
            ...environment(environmentSecrets(catalog)),
          },
          {
            name: 'Keep what was recorded',
            // Also where the pass says that something needs a human.
            if: 'always()',
            run: 'for attempt in 1 2 3; do git pull --rebase --autostash && git push && exit 0; sleep 5; done\nexit 1\n',
          },
        ],
      },
    },
  };
  return { text: stringify(document, { lineWidth: 0 }), warnings };
}

function environment(names: readonly string[]): { env?: Record<string, string> } {
  return names.length === 0 ? {} : { env: Object.fromEntries(names.map((name) => [name, `\${{ secrets.${name} }}`])) };
}
