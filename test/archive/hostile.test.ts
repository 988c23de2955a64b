import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archiveDay } from '../../src/store/archive/day.ts';
import { MAX_TAR_BYTES } from '../../src/store/archive/limits.ts';
import { packArchive } from '../../src/store/archive/pack.ts';
import { archivePath, openArchive, parseArchive } from '../../src/store/archive.ts';
import { DAY, filesOf, SealedState } from './sealed-state.ts';

const PATH = `events/${DAY}/20261120T030000.000Z_a_b_0123456789ab.json`;

interface Entry {
  path?: string;
  body?: string | Buffer;
  /** As in the header, whatever the body is. */
  size?: string;
  type?: string;
  link?: string;
  magic?: string;
  prefix?: string;
  checksum?: number;
  padding?: number;
}

const octal = (value: number, width: number): string => value.toString(8).padStart(width - 1, '0');

/** One entry of a tar file as POSIX describes it, or as an attacker likes it. */
function entry(parts: Entry = {}): Buffer {
  const body = Buffer.from(parts.body ?? '{}\n');
  const header = Buffer.alloc(512);
  header.write(parts.path ?? PATH, 0, 100, 'latin1');
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(parts.size ?? octal(body.length, 12), 124, 12, 'latin1');
  header.write(octal(1_000_000_000, 12), 136);
  header.write(parts.type ?? '0', 156);
  header.write(parts.link ?? '', 157, 100, 'latin1');
  header.write(parts.magic ?? 'ustar\u000000', 257, 8, 'latin1');
  header.write(parts.prefix ?? '', 345, 155, 'latin1');
  header.fill(' ', 148, 156);
  const sum = parts.checksum ?? header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 7)}\0 `, 148, 'latin1');
  return Buffer.concat([header, body, Buffer.alloc(Math.ceil(body.length / 512) * 512 - body.length, parts.padding ?? 0)]);
}

const pax = (...records: string[]): Buffer =>
  entry({
    type: 'x',
    path: 'PaxHeader',
    body: records.map((record) => (/^\d+ /.test(record) ? record : withLength(record))).join(''),
  });

/** `LENGTH KEY=VALUE` and a newline; the length counts itself. */
function withLength(record: string): string {
  for (let digits = 1; ; digits++) {
    const length = record.length + 2 + digits;
    if (String(length).length === digits) return `${length} ${record}\n`;
  }
}

const END = Buffer.alloc(1024);
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);

/** Node's, with the operating system that ours names. */
const zipped = (tar: Buffer): Buffer => Buffer.concat([HEADER, gzipSync(tar).subarray(10)]);
const tarred = (...parts: Buffer[]): Buffer => zipped(Buffer.concat([...parts, END]));

/** What is wrong with an archive; its number of entries if nothing is. */
function told(bytes: Buffer): string | number {
  const read = parseArchive(bytes, DAY);
  return read.kind === 'ok' ? read.files.size : read.detail;
}

describe('a sound archive, made by hand, is read', () => {
  it.each([
    ['with one entry', tarred(entry()), 1],
    ['with a prefix', tarred(entry({ prefix: `events/${DAY}`, path: PATH.split('/')[2] as string })), 1],
    ['with a long name', tarred(pax(`path=${PATH}`), entry({ path: 'cut-off' })), 1],
    ['with none', tarred(), 0],
  ])('%s', (_what, bytes, entries) => expect(told(bytes)).toBe(entries));
});

const LATER = PATH.replace('T03', 'T04');
const no = 'is no path of an artifact of this day';

describe('a hostile archive is refused', () => {
  it.each<[string, Buffer, string]>([
    ['with a path upwards', tarred(entry({ path: `events/${DAY}/../../../../etc/passwd` })), no],
    ['with a path upwards in a pax header', tarred(pax('path=../../etc/passwd'), entry()), no],
    ['with an absolute path', tarred(entry({ path: '/etc/cron.d/x' })), no],
    ['with a path upwards in the prefix', tarred(entry({ prefix: `../events/${DAY}`, path: 'x.json' })), no],
    ['with a hidden name', tarred(entry({ path: `events/${DAY}/.x` })), no],
    ['with an empty name', tarred(pax('path=x'), entry({ path: '' })), 'does not end as an archive'],
    ['with a name of a folder', tarred(entry({ path: `events/${DAY}/` })), no],
    ['with another day', tarred(entry({ path: PATH.replace(DAY, '2026-11-21') })), no],
    ['with another folder', tarred(entry({ path: `subjects/${DAY}/x.json` })), no],
    ['with a terminal escape', tarred(entry({ path: `events/${DAY}/\u001b[2J.json` })), no],
    ['with a newline', tarred(entry({ path: `events/${DAY}/a\nb.json` })), no],
    ['with a backslash', tarred(entry({ path: `events/${DAY}/a\\b.json` })), no],
    ['with a symbolic link', tarred(entry({ type: '2', body: '' })), 'no regular file (type "2")'],
    ['with a hard link', tarred(entry({ type: '1', body: '' })), 'no regular file (type "1")'],
    ['with a target of a link in a file', tarred(entry({ link: '/etc/passwd' })), 'an entry is a link'],
    ['with a device', tarred(entry({ type: '3', body: '' })), 'no regular file (type "3")'],
    ['with a folder', tarred(entry({ type: '5', body: '' })), 'no regular file (type "5")'],
    ['with a pipe', tarred(entry({ type: '6', body: '' })), 'no regular file (type "6")'],
    ['with a sparse file', tarred(entry({ type: 'S' })), 'no regular file (type "S")'],
    ['with a long name of GNU tar', tarred(entry({ type: 'L', body: `${PATH}\0` }), entry()), 'no regular file (type "L")'],
    ['with a type of old times', tarred(entry({ type: '\0' })), 'no regular file (type "\\u0000")'],
    ['with a global pax header', tarred(entry({ type: 'g', body: withLength(`path=${PATH}`) }), entry()), 'no regular file (type "g")'],
    ['with a size in a pax header', tarred(pax(`path=${PATH}`, 'size=99999999'), entry()), 'says something else than a path'],
    ['with only a size in a pax header', tarred(pax('size=1'), entry()), 'says something else than a path'],
    ['with a sparse map in a pax header', tarred(pax('GNU.sparse.major=1'), entry()), 'says something else than a path'],
    ['with two paths in a pax header', tarred(pax(`path=${PATH}`, `path=${LATER}`), entry()), 'says something else than a path'],
    ['with a wrong length in a pax header', tarred(pax(`99 path=${PATH}\n`), entry()), 'says something else than a path'],
    ['with a zero in a pax header', tarred(pax(`path=${PATH}\0x`), entry()), 'says something else than a path'],
    ['with two pax headers', tarred(pax(`path=${PATH}`), pax(`path=${PATH}`), entry()), 'no regular file (type "x")'],
    ['with a pax header for nothing', tarred(pax(`path=${PATH}`)), 'nothing follows an extended header'],
    ['with a huge pax header', tarred(pax(`path=${'x'.repeat(5000)}`), entry()), 'an extended header is too long'],
    ['with an entry twice', tarred(entry(), entry()), 'twice, or out of order'],
    ['with entries out of order', tarred(entry({ path: LATER }), entry()), 'twice, or out of order'],
    ['with a size beyond its end', tarred(entry({ size: octal(900_000, 12) })), 'it is cut off'],
    ['with a size above any artifact', tarred(entry({ size: '77777777777\0' })), 'at most 1048576 are read'],
    ['with a negative size', tarred(entry({ size: '-0000000001\0' })), 'a number in a header is none'],
    ['with a binary size', tarred(entry({ size: '\u0080\0\0\0\0\0\0\0\0\0\0\u0003' })), 'a number in a header is none'],
    ['with an empty size', tarred(entry({ size: '\0' })), 'a number in a header is none'],
    ['with a wrong checksum', tarred(entry({ checksum: 1 })), 'the checksum of a header is wrong'],
    ['with a header of GNU tar', tarred(entry({ magic: 'ustar  \0' })), 'not of the format ustar'],
    ['with something behind an entry', tarred(entry({ padding: 65 })), 'something stands between two entries'],
    ['without an end', zipped(entry()), 'it is cut off'],
    ['with half an end', zipped(Buffer.concat([entry(), Buffer.alloc(512)])), 'it does not end as an archive'],
    ['with something behind its end', zipped(Buffer.concat([entry(), END, entry({ path: LATER })])), 'it does not end as an archive'],
    ['with more zeros than an end has', zipped(Buffer.concat([entry(), END, END])), 'it does not end as an archive'],
    ['that is empty', Buffer.alloc(0), 'it does not begin as an archive'],
    ['that is text', Buffer.from('this is no archive, it is a text'), 'it does not begin as an archive'],
    [
      'that has a name in its header',
      Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 8]), tarred(entry()).subarray(4)]),
      'it does not begin as an archive',
    ],
    ['with something behind it', Buffer.concat([tarred(entry()), tarred(entry()).subarray(-4)]), 'bytes follow its end'],
    ['with a second member', Buffer.concat([tarred(entry()), zipped(Buffer.alloc(0))]), 'it holds'],
    ['cut off at half', tarred(entry({ body: Buffer.from(PATH.repeat(20)) })).subarray(0, 60), ''],
  ])('%s', (_what, bytes, why) => {
    const detail = told(bytes);
    expect(detail).toBeTypeOf('string');
    expect(detail).toContain(why);
  });
});

describe('a bomb is refused before it takes room', () => {
  const bomb = (size: number): Buffer => zipped(Buffer.alloc(size));
  const saying = (bytes: Buffer, size: number): Buffer => {
    const changed = Buffer.from(bytes);
    changed.writeUInt32LE(size, changed.length - 4);
    return changed;
  };

  it('by what it says itself', () => {
    expect(told(saying(bomb(1000), MAX_TAR_BYTES + 1))).toBe(`it says that it holds ${MAX_TAR_BYTES + 1} bytes; at most ${MAX_TAR_BYTES} are read`);
    expect(told(saying(bomb(1000), 0xffff_ffff))).toContain('at most');
  });

  it('as soon as it holds more than it says', () => {
    const before = process.memoryUsage.rss();
    expect(told(saying(bomb(300 * 1024 * 1024), 2048))).toBe('it holds more than it says');
    expect(process.memoryUsage.rss() - before).toBeLessThan(500 * 1024 * 1024);
  });

  it('if it holds less than it says', () => {
    expect(told(saying(bomb(1000), 2000))).toMatch(/damaged|it holds 1000/);
    expect(told(Buffer.concat([HEADER, deflateRawSync(Buffer.alloc(100)), Buffer.alloc(8)]))).toMatch(/damaged|it holds/);
  });
});

describe('whatever happens to an archive', () => {
  it('any one byte changed, removed or added is noticed, or is none that holds anything', { timeout: 120_000 }, async () => {
    const entries = [...filesOf(DAY, 2)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
    const bytes = Buffer.from(await packArchive(DAY, entries));
    const whole = parseArchive(bytes, DAY);
    let harmless = 0;
    for (let at = 0; at < bytes.length; at++) {
      for (const change of [1, 0x80, 0xff]) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] as number) ^ change;
        const read = parseArchive(changed, DAY);
        if (read.kind === 'bad') continue;
        // Which program and system made it (RFC 1952, XFL and OS), or bits that only fill up.
        expect(read.files, `byte ${at}`).toEqual(whole.kind === 'ok' && whole.files);
        harmless++;
      }
      expect(told(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])), `without byte ${at}`).toBeTypeOf('string');
      expect(told(bytes.subarray(0, at)), `only ${at} bytes`).toBeTypeOf('string');
    }
    expect(harmless).toBeLessThan(20);
  });

  it('any bytes in the tar file end in entries of this day or in words', () => {
    const sound = Buffer.concat([entry(), pax(`path=${LATER}`), entry(), END]);
    const changes = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(changes, (list) => {
        const tar = Buffer.from(sound);
        for (const [at, byte] of list) tar[at] = byte;
        const read = parseArchive(zipped(tar), DAY);
        if (read.kind === 'ok') for (const path of read.files.keys()) expect(path).toMatch(/^events\/2026-11-20\/[A-Za-z0-9][\w.-]*$/);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('on disk', () => {
  let here: SealedState;
  beforeEach(() => {
    here = new SealedState();
  });
  afterEach(() => here.remove());

  it('a damaged archive is said with its path, and what helps', async () => {
    await archiveDay(here.layout, DAY, here.addDay(DAY, 3));
    const path = archivePath(here.layout, DAY);
    writeFileSync(path, readFileSync(path).subarray(0, 400));
    expect(() => openArchive(here.layout, DAY)).toThrow(`the archive archives/${DAY}.tar.gz is damaged: it says`);
  });

  it('one that was put in its place is read anew, and a link is not followed', async () => {
    const lines = here.addDay(DAY, 3);
    await archiveDay(here.layout, DAY, lines);
    const path = archivePath(here.layout, DAY);
    expect(openArchive(here.layout, DAY)?.size).toBe(15);
    writeFileSync(path, tarred(entry()));
    expect([...(openArchive(here.layout, DAY)?.keys() ?? [])]).toEqual([PATH]);
    renameSync(path, `${path}.moved`);
    expect(openArchive(here.layout, DAY)).toBeNull();
    symlinkSync(`${path}.moved`, path);
    expect(() => openArchive(here.layout, DAY)).toThrow('a symbolic link stands here');
  });

  it('the last ones are kept open, as long as they are the same files', async () => {
    for (const day of [DAY, '2026-11-21', '2026-11-22']) await archiveDay(here.layout, day, here.addDay(day, 1));
    const first = openArchive(here.layout, DAY);
    expect(openArchive(here.layout, DAY)).toBe(first);
    openArchive(here.layout, '2026-11-21');
    expect(openArchive(here.layout, DAY)).toBe(first);
    openArchive(here.layout, '2026-11-22');
    expect(openArchive(here.layout, '2026-11-21')).toBe(openArchive(here.layout, '2026-11-21'));
    expect(openArchive(here.layout, DAY)).not.toBe(first);
    writeFileSync(archivePath(here.layout, '2026-11-22'), 'changed');
    expect(() => openArchive(here.layout, '2026-11-22')).toThrow('is damaged');
  });

  it.each<[string, (tar: Buffer) => Buffer]>([
    ['with another content', (tar) => Buffer.concat([tar.subarray(0, 512), Buffer.from('[]'), tar.subarray(514)])],
    ['without its first entry', (tar) => tar.subarray(512 + Math.ceil(Number.parseInt(tar.toString('latin1', 124, 135), 8) / 512) * 512)],
    ['with one entry more', (tar) => Buffer.concat([tar.subarray(0, -1024), entry({ path: `receipts/${DAY}/zzz.json` }), END])],
    ['of nothing', () => END],
  ])('an archive %s keeps every loose file where it is', async (_what, change) => {
    const lines = here.addDay(DAY, 3);
    const good = await packArchive(
      DAY,
      lines.map(({ path }) => ({ path, bytes: readFileSync(here.at(path)) })),
    );
    mkdirSync(here.layout.archives);
    const bad = zipped(change(gunzipSync(good)));
    writeFileSync(archivePath(here.layout, DAY), bad);
    expect(told(bad)).toBeTypeOf('number');
    const { outcome, removed, faults } = await archiveDay(here.layout, DAY, lines);
    expect({ outcome, removed }).toEqual({ outcome: 'refused', removed: { files: 0, bytes: 0 } });
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.every(({ path }) => path === `archives/${DAY}.tar.gz`)).toBe(true);
    expect(here.loose(DAY)).toHaveLength(lines.length);
    expect(readFileSync(archivePath(here.layout, DAY))).toEqual(bad);
  });
});
