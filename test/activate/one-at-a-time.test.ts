import { expect, it } from 'vitest';
import { oneAtATime } from '../../src/run/activate/one-at-a-time.ts';

it.runIf(process.platform === 'linux')('what is read and put back as a whole loses nothing of what others put there', async () => {
  const name = `a test, ${process.pid}`;
  let whole: string[] = [];
  const add = (line: string): Promise<void> =>
    oneAtATime(name, async () => {
      const read = whole;
      await new Promise((resolve) => setTimeout(resolve, 5));
      whole = [...read, line];
    });
  await Promise.all(['a', 'b', 'c', 'd'].map(add));
  expect(whole.toSorted()).toEqual(['a', 'b', 'c', 'd']);
  await expect(oneAtATime(name, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await add('e');
  expect(whole).toHaveLength(5);
});
