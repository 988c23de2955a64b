import { expect, it } from 'vitest';
import { Tail } from './tail.ts';

it('keeps everything up to its limit', () => {
  const tail = new Tail(10);
  tail.push(Buffer.from('01234'));
  tail.push(Buffer.from('56789'));
  expect(tail.text()).toBe('0123456789');
});

it('keeps the end of a longer stream, from the start of a line', () => {
  const tail = new Tail(10);
  for (let line = 0; line < 1000; line++) tail.push(Buffer.from(`${line}\n`));
  expect(tail.text()).toBe('998\n999\n');
});

it('keeps the end of one endless line', () => {
  const tail = new Tail(4);
  tail.push(Buffer.from('x'.repeat(100)));
  expect(tail.text()).toBe('xxxx');
});
