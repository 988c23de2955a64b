import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Grounds } from './site.ts';

vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  userInfo: () => {
    throw new Error('uv_os_get_passwd returned ENOENT');
  },
}));

let grounds: Grounds;
beforeEach(() => {
  grounds = new Grounds();
});
afterEach(() => grounds.remove());

it('a user may have a number and no name, as in a container', () => {
  expect(grounds.site().user).toMatchObject({ name: `user ${process.getuid?.()}`, uid: process.getuid?.() });
});

it('a home that would begin another line is refused', () => {
  expect(() => grounds.site({}, { env: { HOME: '/x\n* * * * * id' } })).toThrow('control character');
});
