import type { Command } from 'commander';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';
import { waitingJson } from '../views/pass.ts';
import { describeStep, planText } from '../views/plan.ts';

export function register(program: Command): Command {
  const command = program
    .command('plan')
    .summary('show what reconcile would do now, and why; write nothing')
    .description('Shows every step that a pass would take now, with its reason. Nothing is written and nothing is sent.');
  withExamples(withJson(withWorkspace(command)), 'rgov plan', "rgov plan --json | jq -r '.steps[].path'");
  return command.action(async (_options, self: Command) => {
    const options = optionsOf<CommonOptions>(self);
    const { preview } = await import('../../run/preview.ts');
    const { plan } = await preview(options);
    if (!options.json) return print(planText(plan, Date.now(), painter(process.stdout)));
    const nextDue = plan.nextDue_ms === null ? null : new Date(plan.nextDue_ms).toISOString();
    return printJson({
      steps: plan.steps.map((step) => ({ ...describeStep(step), ...('publication' in step ? { document: step.publication.document } : {}) })),
      waiting: waitingJson(plan.waiting),
      nextDue,
    });
  });
}
