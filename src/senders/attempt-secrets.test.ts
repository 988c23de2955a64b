import { expect, it } from 'vitest';
import { Secret } from '../model/secret.ts';
import { AttemptSecrets } from './attempt-secrets.ts';

const holding = (value: string): AttemptSecrets => {
  const secrets = new AttemptSecrets(() => new Secret(value));
  expect(secrets.reveal({ env: 'NAME' })).toBe(value);
  return secrets;
};

it('leaves plain settings alone', () => {
  const secrets = holding('hunter2');
  expect(secrets.reveal('plain')).toBe('plain');
  expect(secrets.redact('plain text')).toBe('plain text');
});

it.each([
  ['as it is', 'top secret', 'no: top secret!', 'no: [secret]!'],
  ['without the newline of its file', 'hunter2\n', 'no: hunter2!', 'no: [secret]!'],
  ['word by word', 'Bearer abcdefgh', 'token abcdefgh', 'token [secret]'],
  ['in JSON', 'a"b\\c', '{"x":"a\\"b\\\\c"}', '{"x":"[secret]"}'],
  ['in a URL', 'a b/c', '/x?k=a%20b%2Fc', '/x?k=[secret]'],
])('takes a secret out %s', (_, secret, text, expected) => {
  expect(holding(secret).redact(text)).toBe(expected);
});

it('redacts before it cuts, so that no half of a secret is left at the end', () => {
  const text = holding('0123456789').brief(`${'x'.repeat(494)}0123456789 and more`);
  expect(text).not.toContain('0123');
  expect(text.length).toBeLessThanOrEqual(500);
});
