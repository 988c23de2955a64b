import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import QUARANTINE from '../../schemas/quarantine-note.schema.json' with { type: 'json' };
import { OWN_REASONS } from '../../src/run/verify/finding.ts';
import { verify } from '../../src/run/verify/index.ts';
import { FILE_CASES } from './file-cases.ts';
import { LIFECYCLE_CASES } from './lifecycle-cases.ts';
import { SEAL_CASES } from './seal-cases.ts';
import { Trail } from './state.ts';
import { type Case, Labels, Tampered } from './tampered.ts';

const trail = new Trail();
let labels: Labels;
beforeAll(async () => {
  await trail.make();
  labels = new Labels(trail);
});
afterAll(() => trail.remove());

const ABOUT_A_FILE: readonly string[] = QUARANTINE.properties.reason.enum.filter((reason) => !reason.startsWith('parent_'));

const CASES: [string, readonly Case[]][] = [
  ['files and links', FILE_CASES],
  ['what is possible', LIFECYCLE_CASES],
  ['seals and archives', SEAL_CASES],
];

/** Those that need more than a state: a key, a repository, a disk that refuses. */
const ELSEWHERE = /^(signature_(missing|invalid)|history_.*|worktree_.*|unreadable)$/;

it('has a case for every kind of finding', () => {
  const found = new Set(CASES.flatMap(([, cases]) => cases.flatMap(({ finds }) => finds.map((text) => text.split(' ')[0]))));
  const kinds = [...Object.keys(OWN_REASONS).filter((reason) => !ELSEWHERE.test(reason)), ...ABOUT_A_FILE];
  expect(kinds.filter((reason) => !found.has(reason))).toEqual([]);
});

it('has every kind of finding in its page', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/verify.md'), 'utf8');
  expect([...Object.keys(OWN_REASONS), ...ABOUT_A_FILE].filter((reason) => !page.includes(`\`${reason}\``))).toEqual([]);
});

describe.each(CASES)('%s', (_, cases) => {
  it.concurrent.each(cases.map((item) => [item.what, item] as const))('%s', async (_what, { tamper, finds, options }) => {
    const tampered = new Tampered(trail, labels);
    try {
      await tamper(tampered);
      const report = await verify({ state: tampered.layout.root, ...options });
      const found = report.findings.map(({ reason, path }) => `${reason} ${labels.of(path)}`);
      expect(found.map((text) => shortened(text, finds)).sort(), JSON.stringify(report.findings, null, 1)).toEqual([...finds].sort());
      for (const { since, path } of report.findings) expect(since, path).toMatch(/^\d{4}-\d\d-\d\dT/);
      expect(report.ok).toBe(finds.length === 0);
    } finally {
      tampered.done();
    }
  });
});

/** The expectation that a finding fulfils; `…` in it stands for what the trail has no word for. */
function shortened(found: string, expected: readonly string[]): string {
  return (
    expected.find((text) =>
      new RegExp(
        `^${text
          .split('…')
          .map((part) => part.replace(/[.]/g, '\\.'))
          .join('.*')}$`,
      ).test(found),
    ) ?? found
  );
}
