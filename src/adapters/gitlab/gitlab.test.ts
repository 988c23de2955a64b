import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Translation } from '../adapter.ts';
import { adapter } from './index.ts';

// biome-ignore lint/suspicious/noExplicitAny: parts of JSON that this test picks by hand
type Json = Record<string, any>;

const fixture = (name: string): Buffer => readFileSync(new URL(`../../../test/fixtures/gitlab/${name}`, import.meta.url));
const parsed = (name: string): Json => JSON.parse(fixture(name).toString());
const translate = (document: unknown): Translation => adapter.translate(Buffer.from(JSON.stringify(document)));
const LEDGER = 'ci/gitlab.example.com/acme/ops/ledger';
const NIGHTLY = `${LEDGER}/pipelines/schedule/main`;
const DUMP = `${LEDGER}/jobs/dump/main`;
const END = '2026-11-22T03:07:41.000Z';

describe('each fixture, read by hand', () => {
  const expected: Record<string, string[]> = {
    'webhook-pipeline-success.json': [`run.succeeded ${NIGHTLY} pipeline:4711:success:${END}`],
    'webhook-pipeline-failed.json': [`run.failed ${NIGHTLY} pipeline:4712:failed:${END}`],
    'webhook-pipeline-running.json': [`run.started ${NIGHTLY} pipeline:4713:running`],
    'webhook-pipeline-pending.json': [],
    'webhook-pipeline-manual.json': [`run.blocked ${LEDGER}/pipelines/push/main pipeline:4714:manual`],
    'webhook-pipeline-canceled.json': [`run.cancelled ${LEDGER}/pipelines/web/main pipeline:4715:canceled:${END}`],
    'webhook-pipeline-of-a-tag.json': [`run.succeeded ${LEDGER}/pipelines/push/tag:main pipeline:4716:success:${END}`],
    'webhook-pipeline-of-a-merge-request.json': [`run.failed ${LEDGER}/pipelines/merge_request_event/main pipeline:4717:failed:${END}`],
    'webhook-job-failed.json': [`run.failed ${DUMP} job:47121:failed`],
    'webhook-job-success.json': [`run.succeeded ${DUMP} job:47111:success`],
    'webhook-job-running.json': [`run.started ${DUMP} job:47131:running`],
    'webhook-job-created.json': [],
    'webhook-job-that-may-fail.json': [`run.failed ${LEDGER}/jobs/lint/main job:47122:failed`],
    'webhook-job-timed-out.json': [`run.timed_out ${DUMP} job:47123:failed`],
    'webhook-job-stuck.json': [`run.failed ${DUMP} job:47124:failed`],
    'webhook-job-manual.json': [`run.blocked ${LEDGER}/jobs/deploy production/main job:47141:manual`],
    'webhook-job-manual-optional.json': [],
    'webhook-job-of-an-older-version.json': [`run.failed ${DUMP} job:47125:failed`],
    'api-pipelines.json': [
      `run.failed ${NIGHTLY} pipeline:4712:failed:${END}`,
      expect.stringMatching(/^run.succeeded ci\/gitlab.example.com\/acme\/ops\/ledger\/pipelines\/push\/feature-round~[0-9a-f]{12} pipeline:4711/),
      `run.started ${NIGHTLY} pipeline:4713:running`,
      expect.stringMatching(/^run.succeeded .*\/pipelines\/merge_request_event\/refs-merge-requests-5-head~[0-9a-f]{12} pipeline:4710/),
    ],
    'api-pipelines-all-statuses.json': [
      `run.started ${NIGHTLY} pipeline:4804:running`,
      `run.succeeded ${NIGHTLY} pipeline:4805:success:${END}`,
      `run.failed ${NIGHTLY} pipeline:4806:failed:${END}`,
      `run.cancelled ${NIGHTLY} pipeline:4807:canceled:${END}`,
      `run.blocked ${NIGHTLY} pipeline:4810:manual`,
    ],
    'api-pipeline.json': [`run.failed ${NIGHTLY} pipeline:4712:failed:${END}`],
    'api-pipelines-of-an-older-version.json': [`run.succeeded ci/gitlab.example.com/acme/web/pipelines/push/main pipeline:47:success:${END}`],
    'api-pipelines-below-a-path.json': [`run.failed ci/intranet.example:8080/tools/gitlab/acme/web/pipelines/schedule/main pipeline:9:failed:${END}`],
    'api-jobs.json': [
      `run.failed ${DUMP} job:47121:failed`,
      `run.failed ${LEDGER}/jobs/lint/main job:47122:failed`,
      expect.stringMatching(/^run.timed_out ci\/gitlab.example.com\/acme\/ops\/ledger\/jobs\/dump 1-3~[0-9a-f]{12}\/main job:47123:failed$/),
      `run.succeeded ${LEDGER}/jobs/publish/tag:main job:47126:success`,
      `run.started ${DUMP} job:47131:running`,
    ],
    'api-jobs-all-statuses.json': [
      `run.started ${DUMP} job:48004:running`,
      `run.succeeded ${DUMP} job:48005:success`,
      `run.failed ${DUMP} job:48006:failed`,
      `run.cancelled ${DUMP} job:48007:canceled`,
      `run.blocked ${DUMP} job:48010:manual`,
    ],
    'api-job.json': [`run.failed ${DUMP} job:47121:failed`],
    'api-empty.json': [],
  };
  test.each(Object.entries(expected))('%s', (name, rows) => {
    const { events, rejected } = adapter.translate(fixture(name));
    expect(events.map(({ type, subject, id }) => `${type} ${subject} ${id}`)).toEqual(rows);
    expect(rejected).toEqual([]);
  });
});

test('the whole drafts of a pipeline and of a job that failed', () => {
  expect(adapter.translate(fixture('webhook-pipeline-failed.json')).events).toEqual([
    {
      source: 'gitlab/webhook/gitlab.example.com',
      id: `pipeline:4712:failed:${END}`,
      type: 'run.failed',
      subject: NIGHTLY,
      time: END,
      provenance: 'observed',
      runid: 'pipeline/4712',
      data: {
        summary: 'pipeline 4712 failed',
        pipeline: 4712,
        source: 'schedule',
        ref: 'main',
        status: 'failed',
        url: 'https://gitlab.example.com/acme/ops/ledger/-/pipelines/4712',
      },
    },
  ]);
  expect(adapter.translate(fixture('webhook-job-that-may-fail.json')).events).toEqual([
    {
      source: 'gitlab/webhook/gitlab.example.com',
      id: 'job:47122:failed',
      type: 'run.failed',
      subject: `${LEDGER}/jobs/lint/main`,
      time: '2026-11-22T03:07:40.000Z',
      severity: 'warning',
      provenance: 'observed',
      runid: 'job/47122',
      data: {
        summary: 'job lint failed (script_failure), which it may',
        job: 47122,
        name: 'lint',
        stage: 'backup',
        ref: 'main',
        status: 'failed',
        failureReason: 'script_failure',
        allowFailure: true,
        url: 'https://gitlab.example.com/acme/ops/ledger/-/jobs/47122',
      },
    },
  ]);
});

describe('the same state is the same event', () => {
  test('in a list and by itself', () => {
    expect(adapter.translate(fixture('api-pipeline.json')).events[0]).toEqual(adapter.translate(fixture('api-pipelines.json')).events[0]);
  });

  test('whatever else GitLab tells of it meanwhile', () => {
    const job = parsed('api-job.json');
    const touched = {
      ...job,
      erased_at: '2026-12-01T00:00:00Z',
      artifacts_expire_at: null,
      runner: { id: 1 },
      pipeline: { ...job['pipeline'], status: 'running' },
    };
    expect(translate(touched)).toEqual(translate(job));
    const pipeline = parsed('webhook-pipeline-running.json');
    const later = { ...pipeline['object_attributes'], duration: 30, stages: [], variables: [] };
    expect(translate({ ...pipeline, object_attributes: later, builds: [] })).toEqual(translate(pipeline));
  });

  test('in both spellings of a time', () => {
    const job = parsed('webhook-job-failed.json');
    const ruby = { ...job, build_started_at: '2026-11-22 03:00:10 UTC', build_finished_at: '2026-11-22 03:07:40 UTC' };
    expect(translate(ruby)).toEqual(translate(job));
  });

  test('but a pipeline that fails again after a retry is another event', () => {
    const pipeline = parsed('webhook-pipeline-failed.json');
    const again = { ...pipeline, object_attributes: { ...pipeline['object_attributes'], finished_at: '2026-11-22 09:00:00 UTC' } };
    expect(translate(again).events[0]?.id).toBe('pipeline:4712:failed:2026-11-22T09:00:00.000Z');
  });

  test('and the same number on another server, too', () => {
    const pipeline = parsed('api-pipeline.json');
    const elsewhere = { ...pipeline, web_url: pipeline['web_url'].replace('gitlab.example.com', 'gitlab.com') };
    expect(translate(elsewhere).events[0]?.source).toBe('gitlab/api/gitlab.com');
  });
});

test('what waits for somebody waits when it is read: it has no time of its own, and is no failure', () => {
  for (const name of ['webhook-pipeline-manual.json', 'webhook-job-manual.json']) {
    const [event] = adapter.translate(fixture(name)).events;
    expect(event).toMatchObject({ type: 'run.blocked', severity: 'warning' });
    expect(event).not.toHaveProperty('time');
  }
});

describe('what cannot be read', () => {
  const rejectedIn = (name: string) => adapter.translate(fixture(name)).rejected.map(({ where, reason }) => `${where} ${reason}`);
  const toldIn = (name: string) => adapter.translate(fixture(name)).events.map(({ id }) => id);

  test('words that are not known are no success', () => {
    const rejected = rejectedIn('hostile-states.json');
    expect(rejected).toHaveLength(7);
    expect(rejected.join('\n')).toMatch(
      /unknown status "passed"; known are created.*\n.*null.*\n.*"constructor".*\n.*a list.*\n.*"ok".*\n.*allow_failure must be/,
    );
    expect(toldIn('hostile-states.json')).toEqual([`pipeline:8:success:${END}`]);
  });

  test('an address that is not that of this very pipeline or job', () => {
    expect(rejectedIn('hostile-addresses.json')).toHaveLength(12);
    expect(adapter.translate(fixture('hostile-addresses.json')).events.map(({ subject }) => subject)).toEqual([NIGHTLY]);
    expect(rejectedIn('hostile-webhook-of-two-projects.json')).toEqual([expect.stringContaining('name different projects')]);
  });

  test('times that cannot be', () => {
    expect(rejectedIn('hostile-times.json')).toHaveLength(5);
    expect(toldIn('hostile-times.json')).toEqual(['job:6:success']);
  });

  test('answers that are errors, other webhooks, and what is neither pipeline nor job', () => {
    expect(rejectedIn('error-not-found.json')).toEqual(['input GitLab answered with an error: "404 Project Not Found"']);
    expect(rejectedIn('error-invalid-token.json')).toEqual(['input GitLab answered with an error: "invalid_token"']);
    expect(rejectedIn('error-other-webhook.json')).toEqual([expect.stringMatching(/found a webhook about "deployment"$/)]);
    expect(rejectedIn('hostile-not-ours.json')).toHaveLength(5);
    expect(toldIn('hostile-not-ours.json')).toEqual([`pipeline:1:failed:${END}`]);
  });
});

test('hostile names stay within their own project, and are told apart; no branch passes for a tag', () => {
  const { events, rejected } = adapter.translate(fixture('hostile-names.json'));
  const subjects = events.map(({ subject }) => subject);
  expect(rejected).toHaveLength(5);
  expect(new Set(subjects).size).toBe(subjects.length);
  for (const subject of subjects) expect(subject).toMatch(/^ci\/gitlab\.example\.com\/acme\/ops\/ledger\/jobs\/[^/]+\/[^/]+$/);
  expect(subjects).not.toContain(DUMP);
  expect(subjects.filter((subject) => subject.endsWith('/tag:main'))).toHaveLength(1);
});

test('variables, messages, mail addresses and names of builds stay out', () => {
  const { events } = adapter.translate(fixture('hostile-secrets.json'));
  expect(events).toHaveLength(1);
  expect(JSON.stringify(events)).not.toContain('SECRET');
});
