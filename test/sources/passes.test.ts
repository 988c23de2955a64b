import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CliWorkspace } from '../support/cli-workspace.ts';

/** Longer than the times of folders are coarse: from then on a pass that finds nothing to do leaves word for the next one. */
const COME_TO_REST_MS = 2_600;

let workspace: CliWorkspace;
beforeEach(() => {
  workspace = new CliWorkspace();
});
afterEach(() => workspace.remove());

function bind(every: string): void {
  const file = join(workspace.root, 'bindings/default.yaml');
  const source = `  sources: { counted: { adapter: cloudevents, every: ${every}, command: [sh, -c, "echo asked >> asked; cat event.json"] } }\n`;
  writeFileSync(file, `${readFileSync(file, 'utf8').trimEnd()}\n${source}`);
  const event = { specversion: '1.0', id: '1', source: 'test', type: 'run.succeeded', subject: 'job/a', time: '2026-11-22T11:59:00Z' };
  writeFileSync(join(workspace.root, 'event.json'), JSON.stringify(event));
}
const asked = (): number => readFileSync(join(workspace.root, 'asked'), 'utf8').trim().split('\n').length;

it.each([
  ['1s', 4],
  ['1h', 1],
])('a source that is due every %s is asked %i times by four passes, whatever else there is to do', async (every, times) => {
  bind(every);
  for (let pass = 0; pass < 4; pass++) {
    expect(workspace.run(['reconcile'])).toMatchObject({ code: 0, stderr: '' });
    if (pass < 3) await sleep(COME_TO_REST_MS);
  }
  expect(asked()).toBe(times);
});
