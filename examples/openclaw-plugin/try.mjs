// node try.mjs FOLDER SETTINGS: what the plugin in that folder says of a tool call, under these settings (JSON). Exit code 2 and the reason on
// standard error where it holds the tool back, 0 where it lets it run. `rgov gate --self-test` runs it; OpenClaw does not.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder = '', settings = ''] = process.argv.slice(2);
const { default: plugin } = await import(pathToFileURL(join(folder, 'index.mjs')).href);
const hooks = new Map();
const say = (text) => void process.stderr.write(`${text}\n`);
plugin.register({
  pluginConfig: JSON.parse(settings),
  logger: { info: say, warn: say, error: say, debug: say },
  on: (name, hook) => void hooks.set(name, hook),
});
const ask = hooks.get('before_tool_call') ?? (() => undefined);
const said = await ask({ toolName: 'exec', params: { command: 'true' } }, { agentId: 'rgov-self-test' });
if (said?.block === true) {
  say(said.blockReason);
  process.exitCode = 2;
}
