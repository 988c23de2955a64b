import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testContext } from '../../../test/support/loopback-attempt.ts';
import { Secret } from '../../model/secret.ts';
import { AttemptSecrets } from '../attempt-secrets.ts';
import { hideConfiguration, urlsForEnvironment } from './services.ts';

const URLS = ['tgram://123456789:abcdefg_hijklmnop/-1001234', 'json://anna:pw7@host.example/hooks/T0K3NT0K3N?+X-Key=k3yk3yk3y'];
const COMPLAINTS: [string, string][] = [
  ['An invalid Telegram Bot Token (123456789:abcdefg_hijklmnop) was specified.', 'An invalid Telegram Bot Token ([secret]:[secret]) was specified.'],
  ['401 for token abcdefg_hijklmnop', '401 for token [secret]'],
  ['no such path /hooks/T0K3NT0K3N', 'no such path /hooks/[secret]'],
  ['user anna with password pw7', 'user [secret] with password [secret]'],
  ['header X-Key: k3yk3yk3y', 'header X-Key: [secret]'],
];

it.each(COMPLAINTS)('takes the parts of its URLs out of a complaint: %s', (said, expected) => {
  const secrets = new AttemptSecrets(() => new Secret(`${URLS[0]}\n`));
  expect(urlsForEnvironment([{ env: 'TELEGRAM' }, URLS[1] ?? ''], secrets)).toBe(URLS.join('\n'));
  expect(secrets.brief(said)).toBe(expected);
});

it.each(COMPLAINTS)('takes the parts of its configuration out of a complaint: %s', (said, expected) => {
  const context = testContext();
  const file = join(context.workspace, 'services.yml');
  writeFileSync(file, `urls:\n  - "${URLS[0]}":\n      tag: ops\n  - ${URLS[1]}\n`);
  const secrets = new AttemptSecrets(context.resolveSecret);
  hideConfiguration(file, secrets);
  context.remove();
  expect(secrets.brief(said)).toBe(expected);
});

it.each(['', 'words', 'json://a b', 'json://a\njson://b', 'json://a,json://b', '://x', 'averylongscheme://x'])(
  'refuses what apprise would lose a part of: %j',
  (url) => {
    expect(() => urlsForEnvironment(['json://good', url], new AttemptSecrets(() => new Secret('')))).toThrow('URL 2 is not one Apprise URL');
  },
);
