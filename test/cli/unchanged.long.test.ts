import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { passIdly } from '../../src/cli/plain.ts';
import { plainReconcile } from '../../src/cli/plain-reconcile.ts';
import { nothingHasChanged } from '../../src/cli/unchanged.ts';
import { reconcile } from '../../src/run/reconcile.ts';
import { Place } from '../support/cli.ts';

const HOUR_MS = 3_600_000;

let place: Place;
let options: { workspace: string };
const prepare = async (): Promise<void> => {
  place = await Place.initialised();
  await place.rgov(['report', 'failed', '-s', 'job/x']);
  await place.rgov(['reconcile']);
  options = { workspace: place.ws() };
};
const clean = (): void => {
  vi.useRealTimers();
  place.remove();
};

const later = (ms: number): void => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
};
const stampFile = (): string => place.ws('.cache/idle.json');
const lastPass = (): { finishedAt: string } => JSON.parse(readFileSync(place.ws('state/.pass.json'), 'utf8'));

/** Passes that looked around some seconds after the last change, and the next one, a minute later. */
async function stamped(): Promise<void> {
  later(5_000);
  await reconcile(options);
  expect(passIdly(options, process.execPath)).toBe('idle');
  expect(existsSync(stampFile())).toBe(true);
  later(60_000);
}

describe('a pass of which nothing has changed since the last', () => {
  beforeEach(prepare);
  afterEach(clean);

  it('says that it was made, and looks at nothing else', async () => {
    await stamped();
    const { ino } = statSync(place.ws('state/.pass.json'));
    expect(nothingHasChanged(options)).toBe(true);
    expect(Date.parse(lastPass().finishedAt)).toBe(Date.now());
    expect(statSync(place.ws('state/.pass.json')).ino).toBe(ino);
  });

  it('is not believed while what changed last could change again without its time telling', async () => {
    later(2_050);
    await reconcile(options);
    await new Promise((resolve) => setTimeout(resolve, 100));
    // Changes its time, and no name in it: by the clock of the pass, less than two seconds ago.
    chmodSync(place.ws('state/inbox'), 0o700);
    expect(passIdly(options, process.execPath)).toBe('idle');
    expect(existsSync(stampFile())).toBe(false);
    expect(nothingHasChanged(options)).toBe(false);
  });
});

describe('a plain `rgov reconcile`', () => {
  it.each([
    ['reconcile', {}],
    ['-C /a reconcile', { workspace: '/a' }],
    ['reconcile --workspace /a --binding b -q', { workspace: '/a', binding: 'b', quiet: true }],
    ['reconcile --quiet', { quiet: true }],
  ])('is: %s', (words, found) => expect(plainReconcile(words.split(' '))).toEqual(found));

  it.each([
    'status',
    'reconcile --json',
    'reconcile --commit',
    'reconcile -C',
    'reconcile -C -q',
    'watch',
    'reconcile extra',
    '-q reconcile',
    '',
    '--help',
  ])('is not: %s', (words) => expect(plainReconcile(words.split(' '))).toBeNull());
});

const sameLength = (text: string): string => text.replace(/[a-z](?=[^a-z]*$)/, (letter) => (letter === 'a' ? 'b' : 'a'));
const edit = (path: string, change: (text: string) => string): void => writeFileSync(path, change(readFileSync(path, 'utf8')));
const day = (): string => new Date().toISOString().slice(0, 10);

describe('the next pass looks at everything where', () => {
  beforeEach(prepare);
  afterEach(clean);

  it.each<[string, () => unknown]>([
    ['something was dropped', () => writeFileSync(place.ws('state/inbox/a.json'), '{}')],
    ['an event came', () => place.rgov(['report', 'failed', '-s', 'job/y'])],
    ['an artifact is gone', () => rmSync(place.ws('state/receipts', day()), { recursive: true })],
    ['a new day has begun in one stage', () => mkdirSync(place.ws('state/events/2031-01-01'))],
    [
      'a stage was moved away and linked to',
      () => {
        renameSync(place.ws('state/queue'), place.ws('elsewhere'));
        symlinkSync(place.ws('elsewhere'), place.ws('state/queue'));
      },
    ],
    [
      'the word of a subject was damaged',
      () => {
        const name = JSON.parse(readFileSync(place.ws('state/.cache/subjects.json'), 'utf8'));
        edit(place.ws('state/subjects', Object.keys(name)[0] as string), sameLength);
      },
    ],
    [
      'a day was sealed',
      () => {
        mkdirSync(place.ws('state/seals'), { recursive: true });
        writeFileSync(place.ws(`state/seals/${day()}.sha256`), '');
      },
    ],
    ['a policy was edited, to the same length', () => edit(place.ws('policy/unattended-work.yaml'), sameLength)],
    ['a policy came', () => writeFileSync(place.ws('policy/more.yaml'), '')],
    ['a profile is gone', () => rmSync(place.ws('profiles/local-file.yaml'))],
    [
      'the folder of drops is a link now',
      () => {
        rmSync(place.ws('state/inbox'), { recursive: true });
        mkdirSync(place.ws('drops'));
        symlinkSync(place.ws('drops'), place.ws('state/inbox'));
      },
    ],
    ['the stamp is damaged', () => appendFileSync(stampFile(), '}')],
    ['the stamp is of another format', () => edit(stampFile(), (text) => text.replace('"format":1', '"format":0'))],
    [
      'the stamp is a folder',
      () => {
        rmSync(stampFile());
        mkdirSync(stampFile());
      },
    ],
    ['so long nobody has watched', () => later(HOUR_MS)],
    ['nobody knows when anybody watched last', () => rmSync(place.ws('state/.pass.json'))],
    ['the record of the last pass is damaged', () => writeFileSync(place.ws('state/.pass.json'), 'no')],
    ['the clock was put back', () => later(-2 * HOUR_MS)],
  ])('%s', async (_, change) => {
    await stamped();
    await change();
    expect(nothingHasChanged(options)).toBe(false);
  });

  it.each<[string, () => void]>([
    ['was edited', () => edit(place.ws('mounted/v1/more.yaml'), sameLength)],
    [
      'is another one now',
      () => {
        cpSync(place.ws('mounted/v1'), place.ws('mounted/v2'), { recursive: true, preserveTimestamps: true });
        rmSync(place.ws('mounted/current'));
        symlinkSync('v2', place.ws('mounted/current'));
      },
    ],
    ['is gone', () => rmSync(place.ws('mounted/v1/more.yaml'))],
  ])('a policy that a link leads to, as a ConfigMap is mounted, %s', async (_, change) => {
    mkdirSync(place.ws('mounted/v1'), { recursive: true });
    cpSync(place.ws('policy/unattended-work.yaml'), place.ws('mounted/v1/more.yaml'));
    edit(place.ws('mounted/v1/more.yaml'), (text) => text.replace('name: unattended-work', 'name: more'));
    symlinkSync('v1', place.ws('mounted/current'));
    symlinkSync('../mounted/current/more.yaml', place.ws('policy/more.yaml'));
    await stamped();
    change();
    expect(nothingHasChanged(options)).toBe(false);
  });

  it('a step has fallen due', async () => {
    await stamped();
    edit(stampFile(), (text) => text.replace('"until_ms":null', `"until_ms":${Date.now() + 1}`));
    expect(nothingHasChanged(options)).toBe(true);
    edit(stampFile(), (text) => text.replace(/"until_ms":\d+/, `"until_ms":${Date.now()}`));
    expect(nothingHasChanged(options)).toBe(false);
  });

  it('the workspace is a copy of the one that was looked at', async () => {
    await stamped();
    cpSync(place.ws(), place.ws('../copy'), { recursive: true, preserveTimestamps: true });
    expect(nothingHasChanged({ workspace: place.ws('../copy') })).toBe(false);
    expect(nothingHasChanged(options)).toBe(true);
  });

  it('the program is another one', async () => {
    const program = place.ws('program');
    writeFileSync(program, 'old');
    later(5_000);
    await reconcile(options);
    expect(passIdly(options, program)).toBe('idle');
    expect(nothingHasChanged(options)).toBe(true);
    writeFileSync(program, 'new');
    expect(nothingHasChanged(options)).toBe(false);
  });
});
