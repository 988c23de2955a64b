import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from '../loopback-attempt.ts';
import type { Scene, SenderHarness } from './harness.ts';

/** Stands in for the program: notes the tag of the message on its input, and ends as `ending` says. test/apprise/ runs the real one. */
async function program(context: TestContext, ending: string, canary = 'not-a-secret'): Promise<Scene> {
  const log = join(context.workspace, 'delivered.log');
  const script = join(context.workspace, 'apprise.mjs');
  writeFileSync(
    script,
    `#!${process.execPath}
import { appendFileSync, readFileSync } from 'node:fs';
const key = readFileSync(0, 'utf8').match(/\\[rg:(.*)\\]\\s*$/)[1];
const note = () => appendFileSync(${JSON.stringify(log)}, key + '\\n');
const warn = (text) => console.log('2026-11-22 03:00:01,500 - WARNING - ' + text);
const urls = process.env.APPRISE_URLS;
${ending}
`,
  );
  chmodSync(script, 0o755);
  context.secrets['URL'] = `json://127.0.0.1:9/${canary}?key=${canary}\n`;
  return {
    config: { program: script, urls: [{ env: 'URL' }] },
    // The file is there a moment before its first line is.
    delivered: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .split('\n')
            .filter((line) => line !== '')
        : [],
    close: async () => {},
  };
}

const echo = `warn('cannot use ' + urls + ', token ' + new URL(urls).searchParams.get('key'));`;

export const apprise: SenderHarness = {
  succeeds: (context, canary) => program(context, 'note();', canary),
  hangs: (context) => program(context, 'note(); setInterval(() => {}, 1000);'),
  refuses: (context, canary) => program(context, `${echo} process.exitCode = 3;`, canary),
  async failsForNow(context, canary) {
    const scene = await program(context, '', canary);
    return { ...scene, config: { ...scene.config, program: join(context.workspace, 'not-there') } };
  },
  echoesSecrets: (context, canary) => program(context, `note(); ${echo}`, canary),
};
