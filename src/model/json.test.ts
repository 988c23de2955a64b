import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStrict, serialize } from './json.ts';

const reasonOf = (input: string | Uint8Array): string => {
  const parsed = parseStrict(input);
  return parsed.ok ? 'ok' : parsed.reason;
};

describe('parseStrict', () => {
  it.each([
    ['{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}', 'ok'],
    ['{"a":"\\"}{\\\\"}', 'ok'],
    ['', 'not_json'],
    ['{"a":1', 'not_json'],
    ["{'a':1}", 'not_json'],
    ['\ufeff{}', 'not_json'],
    ['{"a":1,"a":2}', 'duplicate_key'],
    ['{"a":1,"\\u0061":2}', 'duplicate_key'],
    ['{"x":{"__proto__":{}}}', 'forbidden_key'],
    ['{"\\u005f_proto__":1}', 'forbidden_key'],
    ['{"constructor":1}', 'forbidden_key'],
    ['[1e999]', 'not_finite'],
    ['[-1e999]', 'not_finite'],
    ['{"a":[1e308,1E+2,-0.5]}', 'ok'],
    ['"1e999"', 'ok'],
    [`${'['.repeat(64)}${']'.repeat(64)}`, 'ok'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, 'too_deep'],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'too_deep'],
  ])('%j is %s', (text, reason) => expect(reasonOf(text)).toBe(reason));

  it('refuses bytes that are not UTF-8', () => {
    expect(reasonOf(new Uint8Array([0x22, 0xff, 0x22]))).toBe('not_utf8');
    expect(reasonOf(new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]))).toBe('not_utf8');
  });

  it('reads what serialize writes', () => {
    fc.assert(
      fc.property(fc.object({ key: fc.string().filter((key) => !['__proto__', 'constructor', 'prototype'].includes(key)), maxDepth: 5 }), (value) => {
        const text = serialize(value);
        expect(text.endsWith('\n')).toBe(true);
        expect(parseStrict(text)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });

  it('judges its own spelling as it judges any other of the same value', () => {
    const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'prototype', 'a', '1', '\u2028'));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 5 }, fc.string(), fc.double(), fc.integer(), fc.boolean(), fc.constant(null), tie('list'), tie('map')),
      list: fc.array(tie('value'), { maxLength: 4 }),
      map: fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    }));
    fc.assert(
      fc.property(value, (any) => {
        const text = serialize(any as object);
        expect(parseStrict(text)).toEqual(parseStrict(`${text} `));
      }),
      { numRuns: 500 },
    );
    for (const depth of [1, 62, 63, 64, 65, 66]) {
      const text = serialize(JSON.parse('[{"a":'.repeat(depth >> 1) + (depth % 2 ? '[]' : '1') + '}]'.repeat(depth >> 1)));
      expect(parseStrict(text).ok, String(depth)).toBe(parseStrict(`${text} `).ok);
    }
  });
});
