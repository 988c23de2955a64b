import { mkdirSync, readFileSync } from 'node:fs';
import { validateWorkflow } from '@action-validator/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Catalog } from '../../src/model/catalog.ts';
import { githubActions } from '../../src/run/activate/github-actions/index.ts';
import { type ActivateReport, activateKind } from '../../src/run/activate/index.ts';
import { resolvedSender } from '../support/world.ts';
import { Grounds } from './site.ts';

let grounds: Grounds;
beforeEach(() => {
  grounds = new Grounds();
  mkdirSync(grounds.path('repo/.git'), { recursive: true });
});
afterEach(() => grounds.remove());

const activation = { 'github-actions': { install: 'npm install --global reporting-governance@1' } };
const senders = { hook: resolvedSender({ config: { url: { env: 'HOOK_URL' } } }) };

async function written(parts: Partial<Catalog> = {}, name = 'repo'): Promise<{ report: ActivateReport; text: string }> {
  const site = grounds.site({ senders, activation, ...parts }, { name, env: { HOOK_URL: 'hunter2' } });
  const report = await activateKind(githubActions, site, { mode: 'write' });
  return { report, text: readFileSync(report.pieces[0]?.where as string, 'utf8') };
}

describe('the workflow', () => {
  it('is what the schema of workflows wants', async () => {
    const { report, text } = await written();
    expect(report.pieces[0]?.where).toBe(grounds.path('repo/.github/workflows/rgov-default.yml'));
    expect(validateWorkflow(text).errors).toEqual([]);
    expect(validateWorkflow(text.replace('runs-on:', 'run-on:')).errors).not.toEqual([]);
  });

  it('may write contents and nothing else, one run after the other, with just the secrets that are needed', async () => {
    const { text } = await written();
    const workflow = parse(text);
    expect(workflow).toMatchObject({
      on: { schedule: [{ cron: '*/5 * * * *' }] },
      permissions: { contents: 'write' },
      concurrency: { group: 'rgov-default', 'cancel-in-progress': false },
    });
    const steps: { env?: object; uses?: string; run?: string }[] = workflow.jobs.pass.steps;
    // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub puts the secret in there
    expect(steps.flatMap(({ env }) => (env ? [env] : []))).toEqual([{ HOOK_URL: '${{ secrets.HOOK_URL }}' }]);
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/@v\d+$/);
    expect(steps.some(({ run }) => run === 'rgov -C . --binding default reconcile --commit')).toBe(true);
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain(grounds.root);
  });

  it('of a workspace below the top of the repository has its own name and folder', async () => {
    const { report, text } = await written({}, 'repo/ops/a b');
    expect(report.pieces[0]?.where).toBe(grounds.path('repo/.github/workflows/rgov-ops-a-b-default.yml'));
    expect(text).toContain("rgov -C 'ops/a b' --binding default");
    expect(validateWorkflow(text).errors).toEqual([]);
  });

  it('of a folder that GitHub would read as an expression is refused', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub would put something in there
    await expect(written({}, "repo/${{ '''; id; #' }}")).rejects.toThrow('read as an expression');
  });

  it('is the same in every clone', async () => {
    const { text } = await written();
    mkdirSync(grounds.path('clone/.git'), { recursive: true });
    expect((await written({}, 'clone')).text).toBe(text);
  });

  it('says what a runner cannot promise', async () => {
    const { report } = await written({ senders: { hook: resolvedSender({ config: { key: { file: 'key' } } }) } });
    expect(report.warnings.join('\n')).toMatch(/sends again; the receivers of hook[\s\S]*\{file: key\}[\s\S]*watchdog\.gap/);
  });

  it.each<[string, Partial<Catalog>, string, RegExp]>([
    ['without a repository', {}, 'elsewhere', /git repository/],
    ['more often than GitHub does', { schedule: { kind: 'every', every_ms: 60_000 } }, 'repo', /at most every 5m/],
    [
      'at a time that is another one there',
      { schedule: { kind: 'cron', cron: '0 3 * * *', timezone: 'Europe/Berlin' } },
      'repo',
      /GitHub goes by UTC/,
    ],
    ['without a way to install rgov', { activation: {} }, 'repo', /onto a runner/],
    ['without a schedule', { schedule: null }, 'repo', /how often/],
  ])('is refused %s', async (_, parts, name, message) => {
    await expect(written(parts, name)).rejects.toMatchObject({ kind: 'usage', message: expect.stringMatching(message) });
  });
});
