import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Translation } from '../adapter.ts';
import { adapter } from './index.ts';

// biome-ignore lint/suspicious/noExplicitAny: parts of JSON that this test picks by hand
type Json = Record<string, any>;

const fixture = (name: string): Buffer => readFileSync(new URL(`../../../test/fixtures/github-actions/${name}`, import.meta.url));
const parsed = (name: string): Json => JSON.parse(fixture(name).toString());
const translate = (document: unknown): Translation => adapter.translate(Buffer.from(JSON.stringify(document)));
const NIGHTLY = 'ci/github.com/acme/ledger/workflows/nightly.yml/schedule/main';
const GH_NIGHTLY = 'ci/github.com/acme/ledger/Nightly backup/schedule/main';

describe('each fixture, read by hand', () => {
  const expected: Record<string, string[]> = {
    'gh-run-list.json': [
      `run.failed ${GH_NIGHTLY} 9911223301/1:failure`,
      `run.started ${GH_NIGHTLY} 9911223302/1:in_progress`,
      expect.stringMatching(/^run.succeeded ci\/github.com\/acme\/ledger\/CI\/push\/release-2.x~[0-9a-f]{12} 9911223304\/1:success$/),
      'run.cancelled ci/github.com/acme/ledger/CI/pull_request/main 9911223305/1:cancelled',
      `run.succeeded ${GH_NIGHTLY} 9911223306/3:success`,
    ],
    'gh-all-conclusions.json': [
      `run.succeeded ${GH_NIGHTLY} 9911223400/1:success`,
      `run.failed ${GH_NIGHTLY} 9911223401/1:failure`,
      `run.cancelled ${GH_NIGHTLY} 9911223402/1:cancelled`,
      `run.timed_out ${GH_NIGHTLY} 9911223403/1:timed_out`,
      `run.blocked ${GH_NIGHTLY} 9911223404/1:action_required`,
      `run.lost ${GH_NIGHTLY} 9911223407/1:stale`,
      `run.failed ${GH_NIGHTLY} 9911223408/1:startup_failure`,
    ],
    'gh-unfinished.json': [`run.started ${GH_NIGHTLY} 9911223501/1:in_progress`],
    'gh-run-view-attempt.json': [`run.timed_out ${GH_NIGHTLY} 9911223306/2:timed_out`],
    'gh-unnamed-workflow.json': [
      expect.stringMatching(/^run.succeeded ci\/github.com\/acme\/ledger\/github-workflows-rotate-keys.yml~[0-9a-f]{12}\/schedule 9911223601/),
    ],
    'gh-empty.json': [],
    'api-runs.json': [
      `run.failed ${NIGHTLY} 9911223301/1:failure`,
      `run.started ${NIGHTLY} 9911223302/1:in_progress`,
      'run.succeeded ci/github.com/acme/ledger/workflows/publish.yaml/release 9911223307/1:success',
    ],
    'api-runs-slurped.json': [`run.failed ${NIGHTLY} 9911223301/1:failure`, `run.failed ${NIGHTLY} 9911223306/2:startup_failure`],
    'api-run.json': [`run.timed_out ${NIGHTLY} 9911223306/2:timed_out`],
    'api-run-with-a-title-as-name.json': ['run.failed ci/github.com/acme/ledger/workflows/deploy.yml/workflow_dispatch/main 9911223308/1:failure'],
    'api-workflows-of-github.json': [
      expect.stringMatching(/^run.succeeded ci\/github.com\/acme\/ledger\/dynamic-github-code-scanning-codeql~[0-9a-f]{12}\/dynamic\/main /),
      expect.stringMatching(/^run.failed ci\/github.com\/acme\/ledger\/dynamic-pages-pages-build-deployment~[0-9a-f]{12}\/dynamic\/main /),
    ],
    'api-enterprise-server.json': ['run.lost ci/github.acme.example:8443/ops/Cron-Jobs/workflows/nightly.yml/schedule/main 1207/1:stale'],
    'api-from-a-fork.json': ['run.succeeded ci/github.com/acme/ledger/workflows/nightly.yml/pull_request/main 9911223311/1:success'],
    'webhook-completed.json': [`run.failed ${NIGHTLY} 9911223301/1:failure`],
    'webhook-in-progress.json': [`run.started ${NIGHTLY} 9911223302/1:in_progress`],
    'webhook-requested.json': [],
    'webhook-action-required.json': ['run.blocked ci/github.com/acme/ledger/workflows/nightly.yml/pull_request/patch-1 9911223312/1:action_required'],
  };
  test.each(Object.entries(expected))('%s', (name, rows) => {
    const { events, rejected } = adapter.translate(fixture(name));
    expect(events.map(({ type, subject, id }) => `${type} ${subject} ${id}`)).toEqual(rows);
    expect(rejected).toEqual([]);
  });
});

test('the whole draft of a run that failed', () => {
  expect(adapter.translate(fixture('webhook-completed.json')).events).toEqual([
    {
      source: 'github-actions/api/github.com',
      id: '9911223301/1:failure',
      type: 'run.failed',
      subject: NIGHTLY,
      time: '2026-11-22T03:07:41.000Z',
      provenance: 'observed',
      runid: '9911223301/attempts/1',
      data: {
        summary: 'nightly.yml #562 failed',
        workflow: 'nightly.yml',
        number: 562,
        attempt: 1,
        trigger: 'schedule',
        branch: 'main',
        conclusion: 'failure',
        url: 'https://github.com/acme/ledger/actions/runs/9911223301/attempts/1',
      },
    },
  ]);
  expect(adapter.translate(fixture('webhook-action-required.json')).events[0]).toMatchObject({ severity: 'warning' });
});

describe('the same state is the same event', () => {
  test('in a list, in pages, by itself and as a webhook', () => {
    const event = adapter.translate(fixture('webhook-completed.json')).events[0];
    expect(adapter.translate(fixture('api-runs.json')).events[0]).toEqual(event);
    expect(adapter.translate(fixture('api-runs-slurped.json')).events[0]).toEqual(event);
    expect(translate(parsed('api-runs.json')['workflow_runs'][0]).events).toEqual([event]);
  });

  test('whatever else GitHub tells of it meanwhile', () => {
    const run = parsed('api-run.json');
    const before = translate(run);
    const touched = { ...run, display_title: 'another title', name: 'another name', pull_requests: [{ id: 1 }], check_suite_id: 43, actor: null };
    expect(translate(touched)).toEqual(before);
  });

  test('while it runs, however often it is touched', () => {
    const run = parsed('webhook-in-progress.json')['workflow_run'];
    expect(translate({ ...run, updated_at: '2026-11-22T04:30:00Z' })).toEqual(translate(run));
  });

  test('but another attempt is another event', () => {
    const run = parsed('gh-run-view-attempt.json');
    const again = translate({ ...run, attempt: 3, url: run['url'].replace('attempts/2', 'attempts/3') });
    expect(again.events[0]?.id).toBe('9911223306/3:timed_out');
    expect(translate({ ...run, url: run['url'].replace('/attempts/2', '') })).toEqual(translate(run));
  });
});

describe('what cannot be read', () => {
  const rejectedIn = (name: string) => adapter.translate(fixture(name)).rejected.map(({ where, reason }) => `${where} ${reason}`);

  test('words that are not known are no success', () => {
    const rejected = rejectedIn('hostile-states.json');
    expect(rejected).toHaveLength(7);
    expect(rejected.join('\n')).toMatch(
      /unknown conclusion "passed"; known are success.*\n.*null.*\n.*unknown status "done".*\n.*null.*\n.*"constructor"/,
    );
    expect(adapter.translate(fixture('hostile-states.json')).events.map(({ id }) => id)).toEqual(['8/1:success']);
  });

  test('an address that is not that of this very run', () => {
    expect(rejectedIn('hostile-addresses.json')).toHaveLength(12);
    expect(adapter.translate(fixture('hostile-addresses.json')).events.map(({ subject }) => subject)).toEqual([NIGHTLY]);
  });

  test('times that cannot be; an end before the start counts as the start', () => {
    expect(rejectedIn('hostile-times.json')).toEqual([
      expect.stringMatching(/^workflow_runs\[0\] run 1: it was touched again on 2027-03-01/),
      expect.stringMatching(/run_started_at must be a time/),
      expect.stringMatching(/updated_at must be a time/),
      expect.stringMatching(/run_started_at must be a time/),
    ]);
    expect(adapter.translate(fixture('hostile-times.json')).events).toMatchObject([{ id: '4/1:success', time: '2026-11-22T03:00:05.000Z' }]);
  });

  test('a run that lasted as long as a run can is told', () => {
    const run = parsed('api-run.json');
    expect(translate({ ...run, updated_at: '2026-12-27T03:00:05Z' }).events).toHaveLength(1);
    expect(translate({ ...run, updated_at: '2026-12-28T03:00:06Z' }).events).toHaveLength(0);
  });

  test('too few fields: the command that asks for all of them', () => {
    expect(rejectedIn('error-too-few-fields.json')).toEqual([
      expect.stringContaining('attempt is missing; ask for it: gh run list --json databaseId,attempt,'),
    ]);
  });

  test('answers that are errors, other webhooks, and what is no run', () => {
    expect(rejectedIn('error-bad-credentials.json')).toEqual(['input GitHub answered with an error: "Bad credentials"']);
    expect(rejectedIn('error-other-webhook.json')[0]).toMatch(/found an object with "action", "workflow_job"/);
    expect(rejectedIn('hostile-not-runs.json')).toHaveLength(8);
    expect(adapter.translate(fixture('hostile-not-runs.json')).events.map(({ id }) => id)).toEqual(['9911223901/1:success']);
  });
});

test('hostile names stay within their own repository and trigger, and are told apart', () => {
  const { events, rejected } = adapter.translate(fixture('hostile-names.json'));
  const subjects = events.map(({ subject }) => subject);
  expect(rejected).toHaveLength(5);
  expect(new Set(subjects).size).toBe(subjects.length);
  for (const subject of subjects) expect(subject).toMatch(/^ci\/github\.com\/acme\/ledger\/[^/]+\/schedule\/[^/]+$/);
  expect(subjects).not.toContain(GH_NIGHTLY);
});

test('titles, messages, mail addresses and links to logs stay out', () => {
  const { events } = adapter.translate(fixture('hostile-secrets.json'));
  expect(events).toHaveLength(1);
  expect(JSON.stringify(events)).not.toContain('SECRET');
});
