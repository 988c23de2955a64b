import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject } from '../../../adapters/foreign.ts';
import { messageOf, RgovError } from '../../../model/errors.ts';
import { differencesOf, type Found, type Piece } from '../piece.ts';
import { rgovArgv, type Site } from '../site.ts';
import type { OpenClaw } from './program.ts';

/** As `openclaw.plugin.json` says. */
const PLUGIN_ID = 'reporting-governance';
const ENTRY = `plugins.entries.${PLUGIN_ID}`;
const TIME_LIMIT_MS = 10_000;

/** What OpenClaw knows of the plugin; null where it knows none. */
interface Installed {
  folder: string;
  enabled: boolean;
  config: JsonObject;
}

/** The plugin, linked from the folder of this package, and its settings. An OpenClaw has one of them, and so it belongs to one workspace. */
export function pluginPiece(site: Site, openclaw: OpenClaw, folder: string): Piece {
  const config = {
    command: rgovArgv(site),
    state: site.state,
    posture: site.catalog.posture,
    gate: true,
    timeLimitMs: TIME_LIMIT_MS,
  };
  const wanted: Installed = { folder, enabled: true, config };
  return {
    where: `the plugin ${PLUGIN_ID} of OpenClaw`,
    why: 'asks the gate before a tool runs, and tells rgov what became of messages that OpenClaw delivers later. It runs inside the gateway.',
    text: words(wanted),
    look: async () => found(await attempt(() => installed(openclaw)), wanted),
    write: () => write(openclaw, wanted),
    remove: async () => {
      await openclaw.run('plugins', 'uninstall', PLUGIN_ID, '--force');
      // It leaves behind that the plugin is not to be enabled, which was not there before.
      await openclaw.run('config', 'unset', ENTRY).catch(onlyIfUnset);
    },
  };
}

async function installed(openclaw: OpenClaw): Promise<Installed | null> {
  const { plugins } = await openclaw.ask('plugins', 'list', '--json');
  const plugin = (Array.isArray(plugins) ? plugins : []).filter(isObject).find(({ id }) => id === PLUGIN_ID);
  if (plugin === undefined) return null;
  const entry = await openclaw.ask('config', 'get', ENTRY, '--json').catch(onlyIfUnset);
  const { config } = entry;
  return {
    folder: typeof plugin['rootDir'] === 'string' ? plugin['rootDir'] : '',
    enabled: plugin['enabled'] === true,
    config: isObject(config) ? config : {},
  };
}

function found(is: Installed | null | { unknown: RgovError }, wanted: Installed): Found {
  if (is === null) return { status: 'missing' };
  if ('unknown' in is) return { status: 'unknown', reason: is.unknown.message, ...(is.unknown.hint === undefined ? {} : { hint: is.unknown.hint }) };
  if (isDeepStrictEqual(is, wanted)) return { status: 'same' };
  const differences = differencesOf(words(is), words(wanted));
  const isOurs = is.config['state'] === undefined || is.config['state'] === wanted.config['state'];
  return isOurs ? { status: 'changed', byHand: false, differences } : { status: 'foreign', differences };
}

async function write(openclaw: OpenClaw, wanted: Installed): Promise<void> {
  const is = await installed(openclaw);
  // Another folder of the same name would stay in the list of those that are loaded.
  if (is !== null && is.folder !== wanted.folder) await openclaw.run('plugins', 'uninstall', PLUGIN_ID, '--force');
  if (is?.folder !== wanted.folder) await openclaw.run('plugins', 'install', '--link', wanted.folder, '--force');
  await openclaw.run('config', 'set', `${ENTRY}.config`, JSON.stringify(wanted.config), '--strict-json');
  if (is?.folder !== wanted.folder || !is.enabled) await openclaw.run('plugins', 'enable', PLUGIN_ID);
}

const words = ({ folder, enabled, config }: Installed): string => `${JSON.stringify({ folder, enabled, config: sorted(config) }, null, 2)}\n`;

const sorted = (config: JsonObject): JsonObject => Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Nothing is set there, which OpenClaw calls an error. */
function onlyIfUnset(error: unknown): JsonObject {
  if (/valid but unset|not found/i.test(messageOf(error))) return {};
  throw error;
}

/** What cannot be found out is said of the piece, not thrown. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | { unknown: RgovError }> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RgovError) return { unknown: error };
    throw error;
  }
}
