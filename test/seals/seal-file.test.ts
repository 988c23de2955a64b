import { expect, it } from 'vitest';
import { formatSeal, parseSeal } from '../../src/store/seals.ts';

const line = (path: string, digit = 'a'): string => `${digit.repeat(64)}  ${path}\n`;
const GOOD = [
  line('seals/2099-03-09.sha256'),
  line('archives/2099-01-01.tar.gz'),
  line('decisions/2099-03-10/x.json'),
  line('events/2099-03-10/x.json'),
].join('');

const parse = (text: string) => parseSeal(Buffer.from(text));

it('says what was written', () => {
  const seal = parse(GOOD);
  if (typeof seal === 'string') throw new Error(seal);
  expect(seal.previous?.path).toBe('seals/2099-03-09.sha256');
  expect(seal.archives).toHaveLength(1);
  expect(seal.artifacts).toHaveLength(2);
  expect(formatSeal(seal)).toBe(GOOD);
  expect(parse('')).toEqual({ previous: null, archives: [], artifacts: [] });
});

it.each([
  ['a last line that is cut off', GOOD.slice(0, -1)],
  ['a line that is none', `${GOOD}nothing\n`],
  ['one space instead of two', GOOD.replace('  decisions', ' decisions')],
  ['a hash in capitals', GOOD.replace('a', 'A')],
  ['a path out of state/', GOOD.replace('events/2099-03-10/x.json', '../../etc/passwd\\n')],
  ['a file that is no artifact', `${GOOD}${line('subjects/x.json')}`],
  ['artifacts out of order', `${GOOD}${line('decisions/2099-03-10/y.json')}`],
  ['the same artifact twice', `${GOOD}${line('events/2099-03-10/x.json')}`],
  ['a second seal before it', `${line('seals/2099-03-08.sha256')}${GOOD}`],
  ['an archive behind artifacts', `${GOOD}${line('archives/2099-01-02.tar.gz')}`],
  ['a line end of another system', GOOD.replaceAll('\n', '\r\n')],
])('is none with %s', (_, text) => {
  expect(parse(text)).toEqual(expect.stringMatching(/line/));
});
