import { join } from 'node:path';
import { messageOf, RgovError } from '../../../model/errors.ts';
import { type InstalledPlugin, installedPlugin, PLUGIN_ID } from '../../activate/openclaw/plugin.ts';
import { OpenClawProgram, usesOpenClaw } from '../../activate/openclaw/program.ts';
import { runChild } from '../../child.ts';
import { packageRoot } from '../../locate.ts';
import { openLastValidWorkspace } from '../../workspace.ts';
import { exitCodeOf, type Flaw, type Installed, LIMIT_MS, type Shell, type Surroundings, untried } from './shell.ts';

/** The exit code of {@link DRIVER} where the plugin holds the tool back. */
const BLOCK = 2;
/** Loads a plugin as OpenClaw does, and asks it about one tool call. */
const DRIVER = join(packageRoot(), 'examples', 'openclaw-plugin', 'try.mjs');
const ENABLE = `openclaw plugins enable ${PLUGIN_ID}`;
const REINSTALL = 'rgov activate --as openclaw --write';

/** The plugin that OpenClaw has, for workspaces whose binding names an OpenClaw. */
export const openclaw: Shell = {
  name: 'openclaw',
  install: REINSTALL,
  async find(surroundings) {
    const program = await programOf(surroundings);
    if (program === null) return [];
    try {
      const plugin = await installedPlugin(program);
      return plugin === null ? [] : [installed(plugin, surroundings)];
    } catch (error) {
      if (!(error instanceof RgovError)) throw error;
      return [untried(`the plugin ${PLUGIN_ID} of OpenClaw`, { why: messageOf(error), mend: error.hint ?? 'openclaw doctor' })];
    }
  },
};

/** Null where this workspace has nothing to do with OpenClaw, or cannot say so. */
async function programOf({ root, env }: Surroundings): Promise<OpenClawProgram | null> {
  try {
    const { catalog } = (await openLastValidWorkspace({ workspace: root })).workspace;
    return usesOpenClaw(catalog) ? new OpenClawProgram({ catalog, root, env }) : null;
  } catch (error) {
    if (error instanceof RgovError) return null;
    throw error;
  }
}

function installed({ folder, enabled, status, config }: InstalledPlugin, { root, env }: Surroundings): Installed {
  const flaw = flawOf(enabled, status, config['gate']);
  return {
    where: join(folder, 'index.mjs'),
    ...(flaw === null ? {} : { flaw }),
    notes: [`whether the gateway has loaded it: openclaw plugins inspect ${PLUGIN_ID} --runtime`],
    async run(more) {
      const argv = [process.execPath, DRIVER, folder, JSON.stringify(config)];
      const end = await runChild(argv, { cwd: root, env: { ...env, ...more }, limit_ms: LIMIT_MS });
      return { end, holdsBack: exitCodeOf(end) === BLOCK };
    },
  };
}

function flawOf(enabled: boolean, status: string, gate: unknown): Flaw | null {
  if (!enabled) return { why: 'it is switched off', mend: ENABLE };
  if (status !== 'loaded') return { why: `OpenClaw cannot load it: ${status}`, mend: `openclaw plugins inspect ${PLUGIN_ID}` };
  return gate === false ? { why: 'its setting gate is false, so that it asks about no tool', mend: REINSTALL } : null;
}
