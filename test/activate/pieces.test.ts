import { spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockPiece, type SharedText } from '../../src/run/activate/block-piece.ts';
import { filePiece } from '../../src/run/activate/file-piece.ts';
import { activateKind } from '../../src/run/activate/index.ts';
import type { ActivationKind } from '../../src/run/activate/kind.ts';
import type { Piece } from '../../src/run/activate/piece.ts';
import { replaceFile } from '../../src/run/activate/replace-file.ts';
import { Grounds } from './site.ts';

const OURS = { binding: 'default', workspace: '/srv/reporting' };
const OTHERS = { binding: 'default', workspace: '/srv/reporting", sha256 0' };

let grounds: Grounds;
beforeEach(() => {
  grounds = new Grounds();
});
afterEach(() => grounds.remove());

describe('a block in a text of others', () => {
  let bytes: Buffer = Buffer.alloc(0);
  const within: SharedText = {
    name: 'the table',
    read: async () => bytes,
    write: async (whole) => {
      bytes = whole;
    },
    alone: (work) => work(),
  };
  const block = (text = 'line\n', owner = OURS): Piece => blockPiece({ owner, within, text, comment: '#', why: 'because' });

  it.each([
    '',
    'a\n',
    '\n\n',
    'a\r\n\xff\xfe\n\n',
    '# rgov activate: something else\n',
    '# rgov activate: binding default of "/srv/reporting-2", sha256 0\n',
  ])('comes and goes, and leaves every byte of %j as it was', async (text) => {
    const before = Buffer.from(text, 'latin1');
    bytes = before;
    expect(await block().look()).toEqual({ status: 'missing' });
    await block().write();
    expect(await block().look()).toEqual({ status: 'same' });
    expect(bytes.toString('latin1')).toBe(text + block().text);
    // Where others have added something behind it, it stays in its place.
    bytes = Buffer.concat([bytes, Buffer.from('later\xff', 'latin1')]);
    await block('line 1\nline 2\n').write();
    expect(bytes.toString('latin1')).toBe(`${text}${block('line 1\nline 2\n').text}later\xff`);
    await block().remove();
    expect(bytes.equals(Buffer.concat([before, Buffer.from('later\xff', 'latin1')]))).toBe(true);
  });

  it('gets a line of its own below one that has no end', async () => {
    bytes = Buffer.from('a');
    await block().write();
    await block().remove();
    expect(bytes.toString()).toBe('a\n');
  });

  it('of two owners, each has its own', async () => {
    bytes = Buffer.alloc(0);
    await block('one\n').write();
    await block('two\n', OTHERS).write();
    expect(await block('one\n').look()).toEqual({ status: 'same' });
    expect(await block('two\n', OTHERS).look()).toEqual({ status: 'same' });
    await block().remove();
    expect(bytes.toString()).toBe(block('two\n', OTHERS).text);
  });

  it('tells an edit by hand from documents that have changed', async () => {
    bytes = Buffer.alloc(0);
    await block('old\n').write();
    expect(await block('new\n').look()).toMatchObject({ status: 'changed', byHand: false });
    for (let at = bytes.indexOf('old\n'); at < bytes.indexOf('old\n') + 3; at++) {
      bytes[at] = (bytes[at] as number) + 1;
      expect(await block('old\n').look()).toMatchObject({ status: 'changed', byHand: true });
      bytes[at] = (bytes[at] as number) - 1;
    }
    expect(await block('old\n').look()).toEqual({ status: 'same' });
  });

  it.each([
    (text: string) => text.slice(0, text.lastIndexOf('#')),
    (text: string) => text.slice(text.indexOf('\n') + 1),
    (text: string) => text + text,
    (text: string) => text.split('\n').reverse().slice(1).join('\n').concat('\n'),
  ])('with damaged markers is touched by nobody (%#)', async (damage) => {
    bytes = Buffer.from(`others\n${damage(block().text)}others\n`);
    const before = bytes.toString();
    expect(await block().look()).toMatchObject({ status: 'unknown', reason: expect.stringContaining('damaged') });
    await expect(block().write()).rejects.toThrow(/damaged/);
    await expect(block().remove()).rejects.toThrow(/damaged/);
    expect(bytes.toString()).toBe(before);
  });
});

describe('a file of our own', () => {
  const file = (text = 'a\nb\n', mode = 0o644, owner = OURS): Piece =>
    filePiece({ owner, path: grounds.path('deep/er/unit'), mode, text, comment: '#', why: 'because' });

  it('comes with its mode and goes', () => {
    expect(file().look()).toEqual({ status: 'missing' });
    file().write();
    expect(file().look()).toEqual({ status: 'same' });
    expect(statSync(file().where).mode & 0o777).toBe(0o644);
    expect(readdirSync(grounds.path('deep/er'))).toEqual(['unit']);
    file().remove();
    expect(file().look()).toEqual({ status: 'missing' });
  });

  it('any byte that changes is noticed', () => {
    file().write();
    const whole = readFileSync(file().where);
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] as number) ^ 1;
      writeFileSync(file().where, changed);
      expect(file().look(), `byte ${at}`).not.toMatchObject({ status: 'same' });
    }
  });

  it('says who wrote it: we, somebody by hand, somebody else', () => {
    file('old\n').write();
    expect(file('new\n').look()).toMatchObject({ status: 'changed', byHand: false, differences: expect.arrayContaining(['- old', '+ new']) });
    writeFileSync(file().where, readFileSync(file().where, 'utf8').replace('old', 'odd'));
    expect(file('new\n').look()).toMatchObject({ status: 'changed', byHand: true });
    file('old\n', 0o644, OTHERS).write();
    expect(file().look()).toMatchObject({ status: 'foreign' });
    for (const text of ['', 'a', 'theirs\n']) {
      writeFileSync(file().where, text);
      expect(file().look()).toMatchObject({ status: 'foreign' });
    }
    file().write();
    chmodSync(file().where, 0o600);
    expect(file().look()).toEqual({ status: 'changed', byHand: false, differences: ['- mode 600', '+ mode 644'] });
  });

  it('a pipe in its place is not waited for', () => {
    mkdirSync(grounds.path('deep/er'), { recursive: true });
    expect(spawnSync('mkfifo', [file().where]).status).toBe(0);
    expect(file().look()).toMatchObject({ status: 'unknown' });
  });

  it('what a link of somebody else leads to is not shown', () => {
    mkdirSync(grounds.path('deep/er'), { recursive: true });
    writeFileSync(grounds.path('secret'), 'hunter2\n');
    symlinkSync(grounds.path('secret'), file().where);
    expect(file().look()).toEqual({ status: 'foreign', differences: [`- a link to ${grounds.path('secret')}`] });
  });

  it('a folder in its place cannot be looked at, and is left alone', () => {
    mkdirSync(file().where, { recursive: true });
    expect(file().look()).toMatchObject({ status: 'unknown', reason: expect.stringContaining('EISDIR') });
    expect(() => file().write()).toThrow(/cannot write/);
    expect(readdirSync(grounds.path('deep/er'))).toEqual(['unit']);
  });
});

describe('a file that is replaced', () => {
  it('keeps its mode, and a link to it stays a link', () => {
    const [real, link] = [grounds.path('real'), grounds.path('link')];
    writeFileSync(real, 'old');
    chmodSync(real, 0o640);
    symlinkSync('real', link);
    replaceFile(link, 'new');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect([readFileSync(real, 'utf8'), statSync(real).mode & 0o777]).toEqual(['new', 0o640]);
    expect(readdirSync(grounds.root).sort()).toEqual(['home', 'link', 'real']);
  });
});

describe('a kind', () => {
  const kindOf = (pieces: Piece[], leftovers: Piece[] = []): ActivationKind => ({
    name: 'trial',
    summary: '',
    scopes: [],
    canWatch: false,
    describe: () => ({
      summary: 'trial',
      pieces,
      leftovers,
      next: { written: [{ command: 'start', why: '' }], removed: [{ command: 'stop', why: '' }] },
      warnings: [],
      refusal: null,
    }),
  });
  const file = (name: string, text = 'text\n', owner = OURS): Piece =>
    filePiece({ owner, path: grounds.path(name), mode: 0o644, text, comment: '#', why: 'because' });
  const run = (kind: ActivationKind, mode: 'print' | 'write' | 'check' | 'remove', force = false) =>
    activateKind(kind, grounds.site(), { mode, force });
  const done = ({ pieces }: Awaited<ReturnType<typeof run>>): string[] => pieces.map(({ found, done }) => `${found} ${done}`);

  it('is written once, checked, and removed', async () => {
    const kind = kindOf([file('a'), file('b')]);
    expect(await run(kind, 'print')).toMatchObject({ ok: true });
    expect(await run(kind, 'check')).toMatchObject({ ok: false });
    const written = await run(kind, 'write');
    expect([done(written), written.next]).toEqual([['missing written', 'missing written'], [{ command: 'start', why: '' }]]);
    const again = await run(kind, 'write');
    expect([done(again), again.next]).toEqual([['same kept', 'same kept'], []]);
    expect(await run(kind, 'check')).toMatchObject({ ok: true });
    const removed = await run(kind, 'remove');
    expect([done(removed), removed.next]).toEqual([['same removed', 'same removed'], [{ command: 'stop', why: '' }]]);
    expect(readdirSync(grounds.root).sort()).toEqual(['home', 'ws']);
    expect(await run(kind, 'remove')).toMatchObject({ ok: true, next: [] });
  });

  it('interrupted between two files, the next one goes on', async () => {
    const broken: Piece = {
      ...file('b'),
      write: () => {
        throw new Error('cut off');
      },
    };
    await expect(run(kindOf([file('a'), broken]), 'write')).rejects.toThrow('cut off');
    const kind = kindOf([file('a'), file('b')]);
    expect(done(await run(kind, 'check'))).toEqual(['same kept', 'missing kept']);
    expect(done(await run(kind, 'write'))).toEqual(['same kept', 'missing written']);
    file('a').remove();
    expect(done(await run(kind, 'remove'))).toEqual(['missing kept', 'same removed']);
  });

  it('where one piece is the work of somebody else, none is written; --force does it', async () => {
    writeFileSync(grounds.path('b'), 'theirs\n');
    const kind = kindOf([file('a'), file('b')]);
    const refused = await run(kind, 'write');
    expect([refused.ok, done(refused)]).toEqual([false, ['missing kept', 'foreign refused']]);
    expect(done(await run(kind, 'remove', true))).toEqual(['missing kept', 'foreign kept']);
    expect(readFileSync(grounds.path('b'), 'utf8')).toBe('theirs\n');
    expect(done(await run(kind, 'write', true))).toEqual(['missing written', 'foreign written']);
    writeFileSync(grounds.path('b'), readFileSync(grounds.path('b'), 'utf8').replace('text', 'TEXT'));
    expect(done(await run(kind, 'write'))).toEqual(['same kept', 'changed refused']);
    const kept = await run(kind, 'remove');
    expect([kept.ok, done(kept)]).toEqual([false, ['same kept', 'changed refused']]);
    expect(done(await run(kind, 'remove', true))).toEqual(['same removed', 'changed removed']);
  });

  it('what is left over from other options is drift, and goes', async () => {
    file('old').write();
    file('theirs', 'text\n', OTHERS).write();
    const kind = kindOf([file('a')], [file('old', 'whatever\n'), file('theirs', 'whatever\n'), file('never')]);
    file('a').write();
    const checked = await run(kind, 'check');
    expect([checked.ok, done(checked)]).toEqual([false, ['same kept', 'leftover kept']]);
    expect(done(await run(kind, 'write'))).toEqual(['same kept', 'leftover removed']);
    expect(await run(kind, 'check')).toMatchObject({ ok: true });
    expect(readdirSync(grounds.root).sort()).toEqual(['a', 'home', 'theirs', 'ws']);
  });

  it('what cannot be looked at is shown, and stops everything else', async () => {
    mkdirSync(grounds.path('b'));
    const kind = kindOf([file('a'), file('b')]);
    expect(done(await run(kind, 'print'))).toEqual(['missing kept', 'unknown kept']);
    for (const mode of ['check', 'write', 'remove'] as const) await expect(run(kind, mode)).rejects.toMatchObject({ kind: 'state_io' });
    expect(readdirSync(grounds.root).sort()).toEqual(['b', 'home', 'ws']);
  });
});
