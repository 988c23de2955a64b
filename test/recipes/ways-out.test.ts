import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');

interface Binding {
  metadata: { name: string };
  spec: {
    kind: string;
    ceiling: string;
    idempotent: boolean;
    rate?: string;
    with?: { source?: string; parameters?: Record<string, { secret?: boolean }>; message?: { max: number; measure?: string } };
  };
}

const bindings = readdirSync(join(ROOT, 'bindings/senders'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => [basename(name, '.yaml'), parse(readFileSync(join(ROOT, 'bindings/senders', name), 'utf8')) as Binding] as const);

/** The rows of every table in docs/ways-out.md by the name in their first cell; the cells by the heads of their columns. */
function rows(): Map<string, Record<string, string>> {
  const found = new Map<string, Record<string, string>>();
  let heads: string[] | undefined;
  for (const line of readFileSync(join(ROOT, 'docs/ways-out.md'), 'utf8').split('\n')) {
    if (!line.startsWith('|')) heads = undefined;
    else if (heads === undefined) heads = cells(line);
    else if (!/^\|[\s|-]+$/.test(line)) {
      const row = Object.fromEntries(cells(line).map((cell, index) => [heads?.[index] ?? '', cell]));
      found.set(/^\[?([a-z0-9-]+)/.exec(row['sender'] ?? '')?.[1] ?? '', row);
    }
  }
  return found;
}

const cells = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

describe('docs/ways-out.md', () => {
  const table = rows();

  it('has a row for every sender, and none for anything else', () => {
    expect([...table.keys()].sort()).toEqual(bindings.map(([name]) => name).sort());
  });

  it.each(bindings)('says of %s what its binding says', (name, { spec }) => {
    const row = table.get(name) ?? {};
    expect(row['ceiling']).toBe(spec.ceiling);
    expect(row['idempotent']).toBe(spec.idempotent ? 'yes' : 'no');
    if (spec.kind !== 'http') return;
    const { message, source, parameters = {} } = spec.with ?? {};
    expect(row['rate']).toBe(spec.rate ?? '');
    expect(row['limit']).toBe(message === undefined ? '' : `${message.max} ${message.measure ?? 'characters'}`);
    expect(row['sender']).toContain(`(${source})`);
    const needed = row['what is needed']?.split(';')[0]?.split(', ');
    expect(needed).toEqual(Object.entries(parameters).map(([setting, { secret }]) => (secret ? `**${setting}**` : setting)));
  });
});
