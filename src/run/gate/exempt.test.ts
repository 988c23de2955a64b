import { expect, it } from 'vitest';
import { isExempt } from './exempt.ts';

const bash = (command: string) => ({ action: 'tool', subject: 'agent/main', tool: 'Bash', input: { command } });

it.each([
  'rgov report failed --subject agent/main',
  'rgov report blocked -s agent/main --summary "waiting for a human"',
  "rgov -C /srv/ops report failed -s 'agent/main'",
  'rgov status',
  '  rgov explain 20261122T030000.000Z_rule_operator_3f9a2c1b7d4e  ',
])('%s may always run', (command) => {
  expect(isExempt(bash(command))).toBe(true);
});

it.each([
  'rgov report failed; make deploy',
  'rgov report failed && make deploy',
  'rgov report failed | sh',
  'rgov report $(make deploy)',
  'rgov report `make deploy`',
  'rgov report "$(make deploy)"',
  'rgov report failed > /etc/passwd',
  'rgov report failed\nmake deploy',
  'rgov run --subject job/x -- make deploy',
  'rgov ack --by me 2026',
  './rgov report failed',
  '/tmp/rgov report failed',
  'PATH=/tmp rgov report failed',
  'rgov',
  'make deploy # rgov report',
  'rgovx report failed',
])('%s is no way round a gate', (command) => {
  expect(isExempt(bash(command))).toBe(false);
});

it('speaking to a human is exempt, other tools are not, whatever they are called with', () => {
  const tool = (name: string, input: Record<string, unknown> = {}) => ({ action: 'tool', subject: 'agent/main', tool: name, input });
  expect(isExempt(tool('message'))).toBe(true);
  expect(isExempt({ action: 'report', subject: 'agent/main', tool: '', input: {} })).toBe(true);
  expect(isExempt(tool('Write', { command: 'rgov report failed' }))).toBe(false);
  expect(isExempt(tool('Bash', { command: ['rgov', 'report'] }))).toBe(false);
});
