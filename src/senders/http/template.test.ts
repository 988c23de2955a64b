import { describe, expect, it } from 'vitest';
import { ESCAPES } from './escape.ts';
import { valueAtPointer } from './pointer.ts';
import type { Json, Scalar } from './recipe.ts';
import { LooseBrace, parseTemplate, render, renderJson, renderWhole } from './template.ts';

const VALUES: Record<string, Scalar | undefined> = { a: 'x', number: 5, yes: true, no: false, empty: '', nothing: undefined, 'map.level': 3 };
const values = (name: string): Scalar | undefined => VALUES[name];

describe('a template', () => {
  it.each<[string, Scalar | undefined]>([
    ['plain', 'plain'],
    ['', ''],
    ['{a}', 'x'],
    ['{number}', 5],
    ['{yes}', true],
    ['{map.level}', 3],
    ['{nothing}', undefined],
    ['level {number}', 'level 5'],
    ['{a}{number}', 'x5'],
    ['[{nothing}]', '[]'],
    ['{{a}', '{a}'],
    ['{{{a}}', '{x}'],
    ['}a}', '}a}'],
    ['{{"k":{{}}', '{"k":{}}'],
  ])('%s becomes %j', (template, expected) => {
    expect(render(template, values)).toBe(expected);
  });

  it.each(['{', '{ a}', 'x{}', '{"a"}', '{1}', '{a b}', '{a'])('%s is refused', (template) => {
    expect(() => parseTemplate(template)).toThrow(LooseBrace);
  });

  it('never reads a value as a template', () => {
    expect(render('{a} {b}', (name) => (name === 'a' ? '{b}' : '{a}{{'))).toBe('{b} {a}{{');
  });

  it('is whole only where every value is there', () => {
    expect(renderWhole('Bearer {a}', values)).toBe('Bearer x');
    expect(renderWhole('Bearer {nothing}', values)).toBeUndefined();
  });
});

it('renders JSON: types kept, members without a value left out, conditions obeyed', () => {
  const template: Json = {
    level: '{number}',
    urgent: '{yes}',
    gone: '{nothing}',
    kept: '{empty}',
    fixed: [1, null, true, { deep: '{a}' }],
    list: ['{nothing}', '{a}', { $if: '{nothing}', url: '{nothing}', label: 'Acknowledge' }, { $if: '{a}', url: '{a}' }],
    button: { $if: '{empty}', text: 'never' },
  };
  expect(renderJson(template, values)).toEqual({
    level: 5,
    urgent: true,
    kept: '',
    fixed: [1, null, true, { deep: 'x' }],
    list: ['x', { url: 'x' }],
  });
});

it('keeps what a value holds inside its string', () => {
  const hostile = '"}],"ok":true,"x":"\\\n\u2028';
  expect(JSON.parse(JSON.stringify(renderJson({ text: 'say {a}' }, () => hostile)))).toEqual({ text: `say ${hostile}` });
});

// The examples of RFC 6901, section 5.
const DOCUMENT = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'c%d': 2, 'e^f': 3, 'g|h': 4, 'i\\j': 5, 'k"l': 6, ' ': 7, 'm~n': 8 };
it.each<[string, unknown]>([
  ['', DOCUMENT],
  ['/foo', ['bar', 'baz']],
  ['/foo/0', 'bar'],
  ['/', 0],
  ['/a~1b', 1],
  ['/c%d', 2],
  ['/e^f', 3],
  ['/g|h', 4],
  ['/i\\j', 5],
  ['/k"l', 6],
  ['/ ', 7],
  ['/m~0n', 8],
  ['/foo/00', undefined],
  ['/foo/-', undefined],
  ['/foo/length', undefined],
  ['/constructor', undefined],
  ['/foo/0/x', undefined],
])('the pointer %j finds %j', (pointer, expected) => {
  expect(valueAtPointer(DOCUMENT, pointer)).toEqual(expected);
});

it.each<[keyof typeof ESCAPES, string, string]>([
  ['none', '<b> *x*', '<b> *x*'],
  ['html', '<a href="x">&amp;</a>', '&lt;a href="x"&gt;&amp;amp;&lt;/a&gt;'],
  ['markdown', '*b* _i_ `c` [l](u) ~~s~~ ||s|| <@1> \\', '\\*b\\* \\_i\\_ \\`c\\` \\[l\\](u) \\~\\~s\\~\\~ \\|\\|s\\|\\| \\<@1\\> \\\\'],
  ['markdown', '# a\n- b\n  > c\n1. d\n2) e\n===', '\\# a\n\\- b\n  \\> c\n1\\. d\n2\\) e\n\\==='],
  ['markdown', '2026-11-22 a # b', '2026-11-22 a # b'],
  ['markdown', 'see https://x.example/a_b?c=d_e#f-g and _i_', 'see https://x.example/a_b?c=d_e#f-g and \\_i\\_'],
  ['markdown', 'https://x.example/a_b](evil)*b*', 'https://x.example/a_b\\](evil)\\*b\\*'],
])('escapes for %s', (name, text, expected) => {
  expect(ESCAPES[name](text)).toBe(expected);
});
