import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject } from '../../../adapters/foreign.ts';
import { messageOf, RgovError } from '../../../model/errors.ts';
import { differencesOf, type Found, type Piece } from '../piece.ts';
import { rgovArgv, type Site } from '../site.ts';
import type { OpenClaw } from './program.ts';

/** As `openclaw.plugin.json` says. */
export const PLUGIN_ID = 'reporting-governance';
const ENTRY = `plugins.entries.${PLUGIN_ID}`;
const TIME_LIMIT_MS = 10_000;

interface Settled {
  folder: string;
  enabled: boolean;
  config: JsonObject;
}

/** What OpenClaw knows of the plugin. */
export interface InstalledPlugin extends Settled {
  /** `loaded`, or why not. */
  status: string;
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
  const wanted: Settled = { folder, enabled: true, config };
  return {
    where: `the plugin ${PLUGIN_ID} of OpenClaw`,
    why: 'asks the gate before a tool runs, and tells rgov what became of messages that OpenClaw delivers later. It runs inside the gateway.',
    text: words(wanted),
    look: async () => found(await attempt(() => installedPlugin(openclaw)), wanted),
    write: () => write(openclaw, wanted),
    remove: async () => {
      await openclaw.run('plugins', 'uninstall', PLUGIN_ID, '--force');
      // It leaves behind that the plugin is not to be enabled, which was not there before.
      await openclaw.run('config', 'unset', ENTRY).catch(onlyIfUnset);
    },
  };
}

/** Null where OpenClaw knows of none. Throws `state_io` where it cannot say. */
export async function installedPlugin(openclaw: OpenClaw): Promise<InstalledPlugin | null> {
  const { plugins } = await openclaw.ask('plugins', 'list', '--json');
  const plugin = (Array.isArray(plugins) ? plugins : []).filter(isObject).find(({ id }) => id === PLUGIN_ID);
  if (plugin === undefined) return null;
  const entry = await openclaw.ask('config', 'get', ENTRY, '--json').catch(onlyIfUnset);
  const { config } = entry;
  return {
    folder: typeof plugin['rootDir'] === 'string' ? plugin['rootDir'] : '',
    enabled: plugin['enabled'] === true,
    status: String(plugin['status']),
    config: isObject(config) ? config : {},
  };
}

function found(plugin: InstalledPlugin | null | { unknown: RgovError }, wanted: Settled): Found {
  if (plugin === null) return { status: 'missing' };
  if ('unknown' in plugin) {
    const { message, hint } = plugin.unknown;
    return { status: 'unknown', reason: message, ...(hint === undefined ? {} : { hint }) };
  }
  const { status: _, ...is } = plugin;
  if (isDeepStrictEqual(is, wanted)) return { status: 'same' };
  const differences = differencesOf(words(is), words(wanted));
  const isOurs = is.config['state'] === undefined || is.config['state'] === wanted.config['state'];
  return isOurs ? { status: 'changed', byHand: false, differences } : { status: 'foreign', differences };
}

async function write(openclaw: OpenClaw, wanted: Settled): Promise<void> {
  const is = await installedPlugin(openclaw);
  // Another folder of the same name would stay in the list of those that are loaded.
  if (is !== null && is.folder !== wanted.folder) await openclaw.run('plugins', 'uninstall', PLUGIN_ID, '--force');
  if (is?.folder !== wanted.folder) await openclaw.run('plugins', 'install', '--link', wanted.folder, '--force');
  await openclaw.run('config', 'set', `${ENTRY}.config`, JSON.stringify(wanted.config), '--strict-json');
  if (is?.folder !== wanted.folder || !is.enabled) await openclaw.run('plugins', 'enable', PLUGIN_ID);
}

const words = ({ folder, enabled, config }: Settled): string => `${JSON.stringify({ folder, enabled, config: sorted(config) }, null, 2)}\n`;

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
