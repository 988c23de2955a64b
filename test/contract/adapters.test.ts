import { describe, expect, test } from 'vitest';
import { ADAPTERS } from '../../src/adapters/registry.generated.ts';
import { documentOf, HARNESSES, type Harness, translate } from './adapters/harness.ts';

const HOSTILE: Record<string, string | Uint8Array> = {
  empty: '',
  blank: ' \n\t\r\n ',
  'not UTF-8': Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d),
  'a NUL': '\u0000',
  'UTF-16': Buffer.from('{"tasks":[]}', 'utf16le'),
  'truncated JSON': '{"tasks":[{"taskId":"a","status":"fail',
  'nested 100,000 deep': `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  'objects nested 100,000 deep': `${'{"tasks":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
  'duplicate keys': '{"tasks":[],"tasks":[{"taskId":"a"}]}',
  __proto__: '{"__proto__":{"tasks":[]},"specversion":"1.0"}',
  constructor: '{"tasks":[{"constructor":{"prototype":{}}}]}',
  'a number beyond a double': '{"tasks":[{"taskId":"a","status":"failed","endedAt":1e999}]}',
  'a huge string': JSON.stringify({ tasks: [{ taskId: 'a', status: 'x'.repeat(5_000_000), endedAt: 1 }] }),
  'a huge key': JSON.stringify({ ['k'.repeat(5_000_000)]: 1, specversion: '1.0' }),
  'a list of nulls': JSON.stringify(Array(50).fill(null)),
  'tasks that are nulls': JSON.stringify({ tasks: Array(50).fill(null) }),
  'many blank lines': '\n'.repeat(100_000),
  'a string': '"tasks"',
  'a number': '1',
  null: 'null',
};

describe.each(Object.entries(ADAPTERS))('the adapter %s', async (name, load) => {
  const adapter = await load();
  const harness = HARNESSES[name] as Harness;

  test('has samples here, and says its name', () => {
    expect(harness, `add samples of ${name} to HARNESSES`).toBeDefined();
    expect(harness.samples.length).toBeGreaterThan(0);
    expect(adapter.name).toBe(name);
    expect(adapter.summary).toMatch(/^\S.{10,120}$/);
  });

  test.each(harness?.samples ?? [])('reads all of $name, the same way every time', (sample) => {
    expect(adapter.translate(sample.bytes).rejected).toEqual([]);
    const input = documentOf(sample, harness.inLines);
    const drafts = translate(adapter, sample.bytes);
    for (const draft of drafts) expect(harness.follows(draft, input)).toBeNull();
    const identities = drafts.map((draft) => `${draft.source}\n${draft.id}`);
    expect(new Set(identities).size).toBe(identities.length);
  });

  test.each(Object.entries(HOSTILE))('survives %s', (_, input) => {
    expect(translate(adapter, typeof input === 'string' ? Buffer.from(input) : input)).toEqual([]);
  });
});
