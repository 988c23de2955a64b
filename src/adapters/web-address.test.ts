import { expect, test } from 'vitest';
import { webAddressOf } from './web-address.ts';

test('host and path', () => {
  expect(webAddressOf('https://GitLab.example:8443/acme/web/-/jobs/7', 'x')).toMatchObject({
    ok: true,
    value: { host: 'gitlab.example:8443', segments: ['acme', 'web', '-', 'jobs', '7'] },
  });
});

test.each([
  'https://github.com',
  'https://github.com/',
  'https://github.com//acme',
  'https://github.com/acme/../evil',
  'https://github.com/acme/%2e%2e/evil',
  'https://github.com@evil.example/acme',
  'https://github.com:acme/web',
  'https://github.com\\@evil.example/acme',
  'https://github.com/acme?x=1',
  'https://github.com/acme#x',
  'https://.example/acme',
  'javascript:alert(1)/a',
  'github.com/acme',
  'https://github.com/acme\n',
  'https://github.com/аcme',
  `https://github.com/${'a'.repeat(1000)}`,
  null,
  7,
])('%j is refused', (value) => {
  expect(webAddressOf(value, 'url')).toMatchObject({ ok: false, reason: expect.stringMatching(/^url must be a plain web address/) });
});
