import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { check } from '../../src/model/check.ts';
import { captured, LoadedPlugin } from './plugin.ts';

const NOTICE = '20261122T030000.000Z_failure_operator_3f9a2c1b7d4e';
const TITLE = '[error] job/x failed:  no space';
const TEXT = `[error] job/x failed: no space\n\nno space left\n\n[rg:${NOTICE}]`;

let state: string;
let plugin: LoadedPlugin;
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'rgov-feedback-'));
  mkdirSync(join(state, 'queue/2026-11-22'), { recursive: true });
  writeFileSync(join(state, `queue/2026-11-22/${NOTICE}.json`), JSON.stringify({ title: TITLE }));
  plugin = await LoadedPlugin.load({ command: ['rgov'], state });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(state, { recursive: true, force: true });
});

const sent = captured('message_sent');
const delivered = sent.find(({ event }) => event['success'] === true);
const failed = sent.find(({ event }) => event['success'] === false);
const say = (event: object | undefined, changes: object = {}): void => void plugin.call('message_sent', { ...event, content: TEXT, ...changes }, {});
const inbox = (): string[] => (existsSync(join(state, 'inbox')) ? readdirSync(join(state, 'inbox')) : []);
const dropped = (): Record<string, unknown>[] => inbox().map((name) => JSON.parse(readFileSync(join(state, 'inbox', name), 'utf8')));

describe('what OpenClaw says became of a message', () => {
  it('is the id of the channel, where it was delivered', () => {
    say(delivered?.event);
    expect(dropped()).toEqual([
      {
        apiVersion: 'reporting-governance/v1',
        kind: 'Confirmation',
        handoff: NOTICE,
        by: 'openclaw',
        at: expect.any(String),
        evidence: 'accepted',
        reference: delivered?.event['messageId'],
      },
    ]);
    expect(check('confirmation', dropped()[0])).toBeNull();
  });

  it('is the error, where it was not', () => {
    say(failed?.event);
    expect(dropped()).toMatchObject([{ handoff: NOTICE, failed: failed?.event['error'] }]);
    expect(check('confirmation', dropped()[0])).toBeNull();
    say(failed?.event, { error: undefined });
    expect(dropped()).toContainEqual(expect.objectContaining({ failed: 'OpenClaw could not deliver it' }));
  });

  it('is nothing, where a success names no message: nothing would prove it', () => {
    for (const messageId of [undefined, '', ' ', null]) say(delivered?.event, { messageId });
    say(delivered?.event, { success: 'yes' });
    expect(inbox()).toEqual([]);
  });

  it('said twice is one file, and another word is another', () => {
    say(delivered?.event);
    say(delivered?.event);
    expect(inbox()).toHaveLength(1);
    say(delivered?.event, { messageId: 4711 });
    expect(dropped().map(({ reference }) => reference)).toContain('4711');
  });
});

describe('messages that are no notices', () => {
  it.each(sent.map(({ event }) => [event['content'], event]))('%s', (_, event) => {
    plugin.call('message_sent', event);
    expect(inbox()).toEqual([]);
  });

  it.each([
    ['a tag in the middle', `${TEXT} and more`],
    ['the tag without the title: somebody else wrote it', `all is well [rg:${NOTICE}]`],
    ['a notice that is not there', TEXT.replace('3f9a2c1b7d4e', '000000000000')],
    ['a path', '[rg:../../../etc/passwd]'],
    ['no text', undefined],
  ])('%s', (_, content) => {
    say(delivered?.event, { content });
    expect(inbox()).toEqual([]);
  });
});

it('is tried again while it cannot be written, and nothing of it is logged but where', () => {
  vi.useFakeTimers();
  // A file stands where the folder should be.
  writeFileSync(join(state, 'inbox'), '');
  say(delivered?.event);
  say(failed?.event);
  expect(plugin.logged.join()).toMatch(/2 notices could not be written/);
  expect(plugin.logged.join()).not.toMatch(/no space|unknown_after_send|1001/);
  rmSync(join(state, 'inbox'));
  vi.advanceTimersByTime(31_000);
  expect(dropped()).toHaveLength(2);
  vi.advanceTimersByTime(31_000);
  expect(inbox().every((name) => name.startsWith('openclaw-'))).toBe(true);
});

it('is for the owner alone to read', () => {
  say(delivered?.event);
  const { mode } = statSync(join(state, 'inbox', inbox()[0] ?? ''));
  expect(mode & 0o077).toBe(0);
});
