import { describe, expect, it } from 'vitest';
import type { Event } from './artifacts.ts';
import { compileCel, namedConstants, neverTrue } from './cel.ts';
import { EVENT_TYPES } from './event-types.ts';

const event: Event = {
  specversion: '1.0',
  id: '1',
  source: 'test',
  type: 'run.failed',
  subject: 'job/nightly-backup',
  time: '2026-11-22T03:00:00.000Z',
  recordedtime: '2026-11-22T03:00:01.000Z',
  severity: 'error',
  provenance: 'observed',
  data: { n: 3, flag: true, text: 'hello', list: [1, 2], checks: [{ name: 'a', failures: [{ code: 5 }] }], nothing: null },
};

function evaluate(source: string, of: Event = event): unknown {
  const compiled = compileCel(source);
  if (!compiled.ok) throw new Error(`does not compile: ${compiled.message}`);
  return compiled.evaluate(of);
}

function refusal(source: string): { message: string; offset: number; suggestion?: string } {
  const compiled = compileCel(source);
  if (compiled.ok) throw new Error(`compiles to ${compiled.type}`);
  expect(compiled.message).not.toContain('\n');
  const { ok: _, ...rest } = compiled;
  return rest;
}

describe('compileCel', () => {
  it.each([
    ['event.type == "run.failed"', true],
    ['event.data.n == 3', true],
    ['event.data.n == 3.0', true],
    ['event.data.n > 1', true],
    ['event.data.n in [1, 2, 3]', true],
    ['event.runid', ''],
    ['has(event.data.x)', false],
    ['has(event.data.n)', true],
    ['event.data.missing == 1 || event.type == "run.failed"', true],
    ['event.data.nothing == null', true],
    ['event.data.list.exists(x, x == 2)', true],
    ['event.data.checks.exists(c, c.failures.exists(f, f.code == 5))', true],
    ['event.subject.matches("^job/[a-z-]+$")', true],
    ['event["type"]', 'run.failed'],
    ['timestamp(event.time).getHours("Europe/Berlin") == 4', true],
    ['timestamp(event.time).getHours("-02:30")', 0n],
    ['timestamp(event.time).getDayOfYear()', 325n],
    ['timestamp(event.recordedtime) - timestamp(event.time) == duration("1s")', true],
  ])('%s', (source, value) => {
    expect(evaluate(source)).toEqual(value);
  });

  it('sees an empty map where an event has no data', () => {
    const { data: _, ...bare } = event;
    expect(evaluate('event.data.size() == 0 && !has(event.data.x)', bare)).toBe(true);
  });

  it.each([
    ['event.data.x == 1', /No such key: x/],
    ['event.data.constructor == 1', /No such key: constructor/],
    ['event.data.list[7] == 1', /out of bounds/],
    ['event.data.flag && event.data.n', /bool operands/],
    ['event.data.text.getHours("Nowhere")', /no matching overload/],
    ['timestamp("2026-11-22T03:00:00") == timestamp(0)', /with a zone/],
  ])('%s fails when it is evaluated, on one line', (source, message) => {
    expect(() => evaluate(source)).toThrow(message);
    expect(() => evaluate(source)).not.toThrow(/\n/);
  });

  it('tells the static type', () => {
    const typeOf = (source: string): string => (compileCel(source) as { type: string }).type;
    expect(typeOf('event.type == "a"')).toBe('bool');
    expect(typeOf('event.subject')).toBe('string');
    expect(typeOf('event.data.flag')).toBe('dyn');
    expect(typeOf('event.data.list.size()')).toBe('int');
  });

  it.each([
    ['event.typ == "a"', 'event has no field "typ"', 6, 'event.type'],
    ['has(event.typ)', 'event has no field "typ"', 10, 'event.type'],
    ['true && event["typ"] == "a"', 'event has no field "typ"', 8, 'event.type'],
    ['evnt.type == "a"', 'unknown variable "evnt"', 0, 'event'],
    ['severity == "error"', 'unknown variable "severity"', 0, 'event.severity'],
    ['type == "run.failed"', 'unknown variable "type"', 0, 'event.type'],
  ])('%s is refused with a suggestion', (source, message, offset, suggestion) => {
    expect(refusal(source)).toEqual({ message, offset, suggestion });
  });

  it.each([
    ['event.type ==', 13],
    ['event.type == 3', 0],
    ['event.type = "a"', 11],
    ['event.subject.matches("(a")', 22],
    ['event.subject.matches(event.data.p)', 22],
    ['event.data.a.exists(event, event.type == "x")', 0],
    ['event.subject.__matches("a")', 0],
    ['cel.bind(x, event.data, x == x)', 0],
    ['event[event.data.k] == "a"', 0],
    ['\u{1f600}', 0],
  ])('%s is refused at its place', (source, offset) => {
    expect(refusal(source).offset).toBe(offset);
  });

  it('sets limits to what an expression may cost', () => {
    expect(refusal('('.repeat(4000)).message).toMatch(/maxDepth/);
    expect(refusal(`${'!'.repeat(3990)}true`).message).toMatch(/maxAstNodes|deep/);
    expect(refusal(`${'true || '.repeat(499)}true`).message).toMatch(/maxAstNodes/);
    expect(refusal('true'.padEnd(4001)).message).toMatch(/longer than 4000/);
    expect(refusal('[[1]].map(x, x + x).map(x, x + x) == []').message).toMatch(/only one map/);
    expect(refusal('event.data.a.all(x, event.data.b.all(y, x == y))').message).toMatch(/a part of its item/);
    expect(refusal('event.data.a.map(x, event.data.a).all(x, x.all(y, y == 1))').message).toMatch(/plain part/);
    expect(refusal('event.data.a.all(x, x.b.all(y, x.b.all(z, z == y)))').message).toMatch(/a part of its item "y"/);
  });

  it('comes to an end whatever the data are', () => {
    const list = Array.from({ length: 60_000 }, (_, i) => i);
    const hostile = { ...event, data: { list, text: 'a'.repeat(250_000) } };
    expect(() => evaluate('event.data.list.all(x, x in event.data.list)', hostile)).toThrow(/too many/);
    expect(evaluate('event.data.text.matches("(a*)*b")', hostile)).toBe(false);
    // A backtracking engine would take longer than the universe for these two.
    expect(evaluate('event.data.text.matches("^(a|b|[a-c]|.){100}$")', hostile)).toBe(false);
  });

  it('depends on the event alone', () => {
    const compiled = compileCel('event.data.text.matches("h.llo") && event.data.n == 3');
    if (!compiled.ok) throw new Error(compiled.message);
    for (let i = 0; i < 1000; i++) expect(compiled.evaluate(event)).toBe(true);
    expect(compiled.evaluate({ ...event, data: { text: 'x', n: 3 } })).toBe(false);
  });
});

describe('neverTrue', () => {
  const types = Object.keys(EVENT_TYPES);
  const never = (source: string, known = types): boolean => {
    const compiled = compileCel(source);
    if (!compiled.ok) throw new Error(compiled.message);
    return neverTrue(compiled.ast, known);
  };

  it.each([
    'event.type == "run.fialed"',
    'event.type == "run.failed" && event.type == "run.blocked"',
    'event.severity == "fatal"',
    'event.severity in ["high", "low"] && event.data.x',
    'event.type.startsWith("job.")',
    '!(event.severity in ["info", "warning", "error", "critical"])',
    'event.type == "run.failed" ? event.severity == "none" : false',
    'event.subject == "a" && event.provenance == "guessed"',
    'event.type.matches("^failed$")',
    'false',
  ])('%s', (source) => {
    expect(never(source)).toBe(true);
  });

  it.each([
    'event.type == "run.failed"',
    'event.type != "run.fialed"',
    'event.type == "run.fialed" || event.data.x',
    'event.data.x == "run.fialed"',
    'event.type.endsWith(".failed")',
    'event.type.matches("^run[.]")',
    'event.severity in event.data.levels',
    'event.type == "x" ? false : event.subject == "a"',
    'event.data.a ? event.type == "run.failed" : false',
    'event.type.size() == 3',
  ])('%s may be true', (source) => {
    expect(never(source)).toBe(false);
  });

  it('counts types that are declared', () => {
    expect(never('event.type == "deploy.done"', [...types, 'deploy.done'])).toBe(false);
  });

  it('names the words that are compared', () => {
    const compiled = compileCel('event.type in ["a", "b"] || "c" == event.severity || event.subject == "d"');
    expect(compiled.ok && namedConstants(compiled.ast)).toEqual([
      { field: 'type', value: 'a', offset: 15 },
      { field: 'type', value: 'b', offset: 20 },
      { field: 'severity', value: 'c', offset: 28 },
    ]);
  });
});
