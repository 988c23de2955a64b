import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isObject, type JsonObject } from '../../../adapters/json-values.ts';
import { runChild } from '../../child.ts';
import { exitCodeOf, type Flaw, type Installed, LIMIT_MS, type Shell, type Surroundings, untried } from './shell.ts';
import { readTextOrNull } from './text-file.ts';

/** How GitHub starts a shell of that name with the script in a file (workflow syntax, "jobs.<job_id>.steps[*].shell"). */
const COMMANDS: Record<string, readonly string[]> = {
  '': ['bash', '-e'],
  bash: ['bash', '--noprofile', '--norc', '-eo', 'pipefail'],
  sh: ['sh', '-e'],
};
const EXPRESSION = /\$\{\{.*?\}\}/gs;
/** A step that does no more than ask, so that it can be tried: nothing that would run another command after it, or in its stead. */
const ASKS_ONLY = /^[^;&|<>`$()#\n]*(?:"\$\{?\w+\}?"[^;&|<>`$()#\n]*)*$/;

interface Step {
  where: string;
  script: string;
  shell: string;
  folder: string;
  env: Record<string, string>;
  /** It may fail, and the job goes on. */
  isIgnored: boolean;
  condition: unknown;
}

/** Steps of the workflows in this repository that ask a gate: any exit code but 0 stops the job. */
export const githubActions: Shell = {
  name: 'github-actions',
  install: 'docs/gates.md, "A step of GitHub Actions"',
  find: ({ repository, env }) =>
    repository === null ? Promise.resolve([]) : installedBelow(join(repository, '.github/workflows'), { root: repository, repository, env }),
};

async function installedBelow(folder: string, surroundings: Surroundings): Promise<Installed[]> {
  const found: Installed[] = [];
  for (const file of workflowsIn(folder)) {
    const text = readTextOrNull(join(folder, file));
    if (text === null || !/\brgov\b[\s\S]*\bgate\b/.test(text)) continue;
    const { parse } = await import('yaml');
    try {
      found.push(...stepsIn(parse(text), `.github/workflows/${file}`).map((step) => installed(step, surroundings)));
    } catch {
      found.push(untried(`.github/workflows/${file}`, { why: 'GitHub cannot read it: it is no YAML', mend: 'edit it' }));
    }
  }
  return found;
}

function workflowsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort();
  } catch {
    return [];
  }
}

function stepsIn(workflow: unknown, file: string): Step[] {
  if (!isObject(workflow) || !isObject(workflow['jobs'])) return [];
  return Object.entries(workflow['jobs']).flatMap(([id, job]) => {
    if (!isObject(job) || !Array.isArray(job['steps'])) return [];
    return job['steps'].filter(isObject).flatMap((step): Step[] => {
      const script = step['run'];
      if (typeof script !== 'string' || !/\brgov\b[\s\S]*\bgate\b/.test(script)) return [];
      const defaults = { ...runDefaults(workflow), ...runDefaults(job) };
      return [
        {
          where: `${file} (${id}: ${String(step['name'] ?? step['id'] ?? 'a step without a name')})`,
          script,
          shell: String(step['shell'] ?? defaults['shell'] ?? ''),
          folder: String(step['working-directory'] ?? defaults['working-directory'] ?? '.'),
          env: { ...textsOf(workflow['env']), ...textsOf(job['env']), ...textsOf(step['env']) },
          isIgnored: step['continue-on-error'] === true || job['continue-on-error'] === true,
          condition: step['if'] ?? job['if'],
        },
      ];
    });
  });
}

function runDefaults({ defaults }: JsonObject): JsonObject {
  return isObject(defaults) && isObject(defaults['run']) ? defaults['run'] : {};
}

const textsOf = (env: unknown): Record<string, string> =>
  isObject(env) ? Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])) : {};

function installed(step: Step, { root, env }: Surroundings): Installed {
  const flaw = flawOf(step);
  return {
    where: step.where,
    ...(flaw === null ? {} : { flaw }),
    ...(step.condition === undefined ? {} : { notes: [`only if ${String(step.condition)}`] }),
    async run(more) {
      const folder = mkdtempSync(join(tmpdir(), 'rgov-step-'));
      try {
        const script = join(folder, 'step.sh');
        writeFileSync(script, step.script);
        const PATH = `${env['PATH'] ?? ''}:${withProgram(folder)}`;
        // What an expression would stand for is known on GitHub alone.
        const own = Object.fromEntries(Object.entries(step.env).map(([name, value]) => [name, value.replace(EXPRESSION, 'rgov-self-test')]));
        const parts = { cwd: resolve(root, step.folder), env: { ...env, GITHUB_ACTIONS: 'true', ...own, PATH, ...more }, limit_ms: LIMIT_MS };
        const end = await runChild([...(COMMANDS[step.shell] ?? []), script], parts);
        return { end, holdsBack: exitCodeOf(end) !== 0 };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** An earlier step installs the program on GitHub; here it is this one, if none is on the path. */
function withProgram(folder: string): string {
  const program = process.argv[1];
  if (program !== undefined) symlinkSync(program, join(folder, 'rgov'));
  return folder;
}

function flawOf({ isIgnored, script, shell }: Step): Flaw | null {
  if (isIgnored) return { why: 'continue-on-error lets the job go on after it', mend: 'take continue-on-error out' };
  if (script.search(EXPRESSION) >= 0)
    return {
      why: 'its script holds an expression of GitHub, which no shell here can fill in',
      mend: 'put the expression into env, and write "$NAME"',
    };
  if (!Object.hasOwn(COMMANDS, shell)) return { why: `it runs in ${shell}, which is not tried here`, mend: 'make its shell bash' };
  const commands = script
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  if (commands.length === 1 && ASKS_ONLY.test(commands[0] as string)) return null;
  return { why: 'its script does more than ask a gate, so that trying it would do that, too', mend: 'make asking the gate a step of its own' };
}
