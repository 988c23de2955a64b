import { readFileSync } from 'node:fs';

type Hook = (event: unknown, context: unknown) => unknown;
interface Registered {
  hook: Hook;
  options: { priority?: number; timeoutMs?: number } | undefined;
}

interface Captured {
  kind: string;
  event: Record<string, unknown>;
  ctx: Record<string, unknown>;
}

const EVENTS = new URL('../fixtures/openclaw/plugin-hook-events.jsonl', import.meta.url);
const PLUGIN = new URL('../../examples/openclaw-plugin/index.mjs', import.meta.url);

/** Events and contexts of one hook, as OpenClaw really called it. */
export const captured = (kind: string): Captured[] =>
  readFileSync(EVENTS, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Captured)
    .filter((one) => one.kind === kind);

/** The plugin as OpenClaw loads it: the hooks that it registered under these settings, and what it logs. */
export class LoadedPlugin {
  readonly hooks = new Map<string, Registered>();
  readonly logged: string[] = [];

  static async load(pluginConfig: object): Promise<LoadedPlugin> {
    const loaded = new LoadedPlugin();
    const log = (text: string): void => void loaded.logged.push(text);
    const { default: plugin } = await import(PLUGIN.href);
    plugin.register({
      pluginConfig,
      logger: { info: log, warn: log, error: log, debug: log },
      on: (name: string, hook: Hook, options?: Registered['options']) => void loaded.hooks.set(name, { hook, options }),
    });
    return loaded;
  }

  call(name: string, event: unknown, context: unknown = {}): unknown {
    const registered = this.hooks.get(name);
    if (registered === undefined) throw new Error(`no hook ${name}`);
    return registered.hook(event, context);
  }
}
