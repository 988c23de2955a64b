import { expect, it } from 'vitest';
import { compileAction, compileNotices, type GatingNotice } from './cel-gates.ts';

const notice = (parts: Partial<GatingNotice> = {}): GatingNotice => ({
  severity: 'error',
  subject: 'job/a',
  eventType: 'run.failed',
  rule: 'failure',
  target: 'operator',
  actor: 'agent/main',
  ...parts,
});
const holds = (source: string, over: GatingNotice): unknown => {
  const compiled = compileNotices(source);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.evaluate(over);
};

it.each([
  ["severity >= 'error'", { info: false, warning: false, error: true, critical: true }],
  ["severity > 'error'", { info: false, warning: false, error: false, critical: true }],
  ["'warning' >= severity", { info: true, warning: true, error: false, critical: false }],
  ["severity == 'critical' || severity != 'info' && !(severity > 'warning')", { info: false, warning: true, error: false, critical: true }],
])('%s compares gravity, not letters', (source, expected) => {
  const found = Object.fromEntries(Object.keys(expected).map((severity) => [severity, holds(source, notice({ severity }))]));
  expect(found).toEqual(expected);
});

it('sees whom a notice is about, and who is about to act', () => {
  expect(holds("subject == actor && eventType.startsWith('run.')", notice({ subject: 'agent/main' }))).toBe(true);
  expect(holds('subject == actor', notice())).toBe(false);
});

it.each([
  ["severity >= 'eror'", 'there is no severity "eror"', 'error'],
  ['severity >= subject', 'compared with a word', "severity >= 'error'"],
  ["seveirty >= 'error'", 'unknown variable "seveirty"', 'severity'],
  ['severity >=', 'ends too early', undefined],
  ["rule.matches('(a+)+$')", undefined, undefined],
])('%s is refused with a way out', (source, message, suggestion) => {
  const compiled = compileNotices(source);
  if (message === undefined) return expect(compiled.ok).toBe(true);
  expect(compiled).toMatchObject({ ok: false, message: expect.stringContaining(message), ...(suggestion === undefined ? {} : { suggestion }) });
});

it('an action is judged by what it is, who does it and what it is called with', () => {
  const compiled = compileAction("action == 'tool' && tool == 'bash' && input.command.contains('deploy')");
  if (!compiled.ok) throw new Error(compiled.message);
  const action = { action: 'tool', subject: 'agent/main', tool: 'bash', input: { command: 'make deploy' } };
  expect(compiled.evaluate(action)).toBe(true);
  expect(compiled.evaluate({ ...action, tool: 'read' })).toBe(false);
  expect(() => compiled.evaluate({ ...action, input: {} })).toThrow(/command/);
});
