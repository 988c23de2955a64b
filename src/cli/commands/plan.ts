import type { Command } from 'commander';
import { type CommonOptions, durationOption, optionsOf, timeOption, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';
import { waitingJson } from '../views/pass.ts';
import { describeStep, forecastJson, planText } from '../views/plan.ts';

export function register(program: Command): Command {
  const command = program
    .command('plan')
    .option('--until <duration>', 'also show what will become due until then if nothing more is heard, such as 24h')
    .option('--at <time>', 'judge as of a moment (RFC 3339); words that were written down after it do not count')
    .summary('show what reconcile would do now, and what will become due; write nothing')
    .description(
      'Shows every step that a pass would take now, with its reason, and what the watchdog would find. Nothing is written and nothing is sent.',
    );
  withExamples(
    withJson(withWorkspace(command)),
    'rgov plan',
    'rgov plan --until 24h    # what will become due, when, why and to whom, if nothing more is heard',
    'rgov plan --at 2026-11-23T04:00:00+01:00',
    "rgov plan --json | jq -r '.steps[].path'",
  );
  return command.action(async (_options, self: Command) => {
    const options = optionsOf<CommonOptions & { until?: string; at?: string }>(self);
    const at_ms = timeOption('--at', options.at, 'rgov plan --at 2026-11-23T04:00:00Z');
    const ahead_ms = durationOption('--until', options.until, 'rgov plan --until 24h');
    const { preview } = await import('../../run/preview.ts');
    const seen = await preview({ ...options, at_ms, ahead_ms });
    if (!options.json) return print(planText(seen, ahead_ms, painter(process.stdout)));
    const { plan, now_ms, due, ahead } = seen;
    return printJson({
      at: new Date(now_ms).toISOString(),
      steps: plan.steps.map((step) => ({ ...describeStep(step), ...('publication' in step ? { document: step.publication.document } : {}) })),
      due: due.map(forecastJson),
      ahead: ahead.map(forecastJson),
      waiting: waitingJson(plan.waiting),
      nextDue: plan.nextDue_ms === null ? null : new Date(plan.nextDue_ms).toISOString(),
    });
  });
}
