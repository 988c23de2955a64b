import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '../../../src');
/** Errors of which one stands for all the others in these suites. */
const ALIKE = ['EIO', 'ENOSPC', 'EACCES', 'EROFS', 'EMFILE'];
/** Everything between a command and `state/`; senders decide by errors of their own ways out. */
const ROOMS = ['store', 'apply', 'plan', 'model', 'run', 'cli'];

/** Looks around and gives advice; no pass goes through it. */
const BESIDE = 'run/doctor/';
/**
 * Asks for one of them after all: whether the folder is being shared by another user at this moment. In these suites all is one user's,
 * so that the answer is always no; `test/bridge/two-users` has two.
 */
const ASKED = [
  "store/folder.ts: if (!isErrno(error, 'EACCES') || pauses >= MOST_PAUSES || !isBeingShared(path)) throw stateError('list', path, error);",
];

/** Lines of code that name one of these errors; comments do not count. */
function naming(room: string): string[] {
  const files = readdirSync(join(SRC, room), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  return files.flatMap((file) => {
    const lines = readFileSync(join(SRC, room, file), 'utf8').split('\n');
    return lines
      .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line) && ALIKE.some((errno) => line.includes(errno)))
      .map((line) => `${room}/${file}: ${line.trim()}`);
  });
}

/** What such an error is called where it is shown. */
const isWording = (line: string): boolean => /: E[A-Z]+: '.+',$/.test(line);
/** Asks whether it is any of them. */
const takesThemAlike = (line: string): boolean => ALIKE.every((errno) => line.includes(`'${errno}'`));

it('no decision asks which of these errors it was, so that one of them stands for the others', () => {
  const lines = ROOMS.flatMap(naming);
  expect(
    lines.filter((line) => line.startsWith('store/files.ts') && isWording(line)),
    'the words of messages',
  ).toHaveLength(ALIKE.length);
  expect(lines.filter(takesThemAlike), 'the exit code').toHaveLength(1);
  const decisions = lines.filter((line) => !isWording(line) && !takesThemAlike(line) && !line.startsWith(BESIDE));
  expect(decisions).toEqual(ASKED);
});
