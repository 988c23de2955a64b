import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { attemptFor, NOTICE, type TestContext, testContext } from '../../../test/support/loopback-attempt.ts';
import { create } from './index.ts';

const { signal } = new AbortController();
let context: TestContext;
beforeEach(() => {
  context = testContext();
});
afterEach(() => context.remove());

const path = (...parts: string[]): string => join(context.workspace, ...parts);

it('writes title, text and the notice id, and claims custody only', async () => {
  const outcome = await create({ directory: './notices' }, context).attempt(attemptFor(), signal);
  expect(outcome).toEqual({ kind: 'custody', who: 'file:./notices', detail: `written as ${NOTICE.id}.txt` });
  expect(readFileSync(path('notices', `${NOTICE.id}.txt`), 'utf8')).toBe(`${NOTICE.title}\n\n${NOTICE.text}\n\n[rg:${NOTICE.id}]\n`);
});

it('leaves a file alone that is already there', async () => {
  mkdirSync(path('notices'));
  writeFileSync(path('notices', `${NOTICE.id}.txt`), 'first');
  const outcome = await create({}, context).attempt(attemptFor({ number: 2, address: 'notices' }), signal);
  expect(outcome).toEqual({ kind: 'custody', who: 'file:notices', detail: `${NOTICE.id}.txt was there already` });
  expect(readFileSync(path('notices', `${NOTICE.id}.txt`), 'utf8')).toBe('first');
});

it('writes nothing that a terminal would obey', async () => {
  const notice = { ...NOTICE, title: 'a\u001b[2J\nb', text: 'c\u001b]0;x\u0007' };
  await create({ directory: '.' }, context).attempt(attemptFor({ notice }), signal);
  expect(readFileSync(path(`${NOTICE.id}.txt`), 'utf8')).toBe(`a\ufffd[2J b\n\nc\ufffd]0;x\ufffd\n\n[rg:${NOTICE.id}]\n`);
});

const failing = (code: string): TestContext => ({
  ...context,
  createFile() {
    throw Object.assign(new Error(code), { code });
  },
});

it.each(['ENOSPC', 'EACCES', 'EROFS', 'ENOTDIR'])('says that nothing was written on %s', async (code) => {
  const outcome = await create({ directory: 'notices' }, failing(code)).attempt(attemptFor(), signal);
  expect(outcome).toMatchObject({
    kind: 'retryable',
    reason: expect.stringMatching(new RegExp(`^nothing was written: .+ \\(${code}\\) at notices$`)),
  });
});

it('does not pretend to know after an error of the device', async () => {
  expect(await create({ directory: 'notices' }, failing('EIO')).attempt(attemptFor(), signal)).toMatchObject({ kind: 'ambiguous' });
});

it('names what is missing when no folder is named', async () => {
  expect(await create({}, context).attempt(attemptFor(), signal)).toMatchObject({ kind: 'retryable', reason: expect.stringContaining('address') });
});
