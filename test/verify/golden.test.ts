import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verify } from '../../src/run/verify/index.ts';

const CASES = join(import.meta.dirname, '../cases');
const names = readdirSync(CASES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** What somebody outside did to the state there. */
const TAMPERED: Record<string, string[]> = {
  'deleted-notice-with-receipt': ['cause_missing'],
  'unreadable-handoff-is-indeterminate': ['not_json'],
};

describe('what the golden cases leave behind', () => {
  it.each(names)('%s', async (name) => {
    const { findings } = await verify({ state: join(CASES, name, 'expected') });
    expect(
      findings.map(({ reason }) => reason),
      JSON.stringify(findings, null, 1),
    ).toEqual(TAMPERED[name] ?? []);
  });
});
