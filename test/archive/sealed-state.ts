import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { STAGES } from '../../src/model/artifacts.ts';
import { sha256 } from '../../src/model/hash.ts';
import { Layout } from '../../src/store/layout.ts';
import { formatSeal, listSeals, readSeal, type SealLine, sealName } from '../../src/store/seals.ts';

export const DAY = '2026-11-20';
/** Where there is one, a disk without a disk behind it: some tests make thousands of states, and each waits for many syncs. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
/** As long as words in names get. */
const LONG = 'a-rule-with-a-name-that-is-as-long-as-words-in-names-may-get';

/** A `state/` with sealed days. What its files say matters to nobody here; their names are those of real artifacts. */
export class SealedState {
  readonly root: string;
  readonly layout: Layout;

  constructor(root = mkdtempSync(join(FOLDER, 'rgov-archive-'))) {
    this.root = root;
    this.layout = new Layout(root);
    mkdirSync(root, { recursive: true });
  }

  /** Writes the files of some chains, five for each, and seals the day. Returns its lines. */
  addDay(day: string, chains: number): SealLine[] {
    this.write(filesOf(day, chains));
    return this.seal(day);
  }

  write(files: ReadonlyMap<string, string>): void {
    for (const [path, text] of files) {
      const file = this.at(path);
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, text, { mode: 0o600 });
    }
  }

  seal(day: string): SealLine[] {
    const last = listSeals(this.layout).at(-1);
    const bytes = last === undefined ? null : readSeal(this.layout, last);
    const previous = last === undefined || bytes === null ? null : { path: sealName(last), sha256: sha256(bytes) };
    const artifacts = this.loose(day).map((path) => ({ path, sha256: sha256(readFileSync(this.at(path))) }));
    mkdirSync(this.layout.seals, { recursive: true });
    writeFileSync(this.at(sealName(day)), formatSeal({ previous, archives: [], artifacts }));
    return artifacts;
  }

  /** Paths of the files of a day, sorted. */
  loose(day: string): string[] {
    return STAGES.flatMap((stage) => {
      try {
        return readdirSync(this.layout.day(stage, day)).map((file) => `${stage}/${day}/${file}`);
      } catch {
        return [];
      }
    }).sort();
  }

  /** Whether each file is at one of its two places as its seal says, and what is not. */
  lost(lines: readonly SealLine[], archived: ReadonlyMap<string, Uint8Array> | null): string[] {
    return lines.filter((line) => !this.#isLoose(line) && sha256(archived?.get(line.path) ?? '') !== line.sha256).map(({ path }) => path);
  }

  #isLoose({ path, sha256: expected }: SealLine): boolean {
    try {
      return sha256(readFileSync(this.at(path))) === expected;
    } catch {
      return false;
    }
  }

  /** Other times and modes, as a copy or a checkout leaves them. */
  disturb(day: string): void {
    for (const [i, path] of this.loose(day).entries()) {
      utimesSync(this.at(path), i, i * 1000);
      chmodSync(this.at(path), [0o600, 0o640, 0o444, 0o755][i % 4] as number);
    }
  }

  at(path: string): string {
    return join(this.root, path);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** The files of so many notices of a day, by path. Every fourth has a name of 200 characters and more. */
export function filesOf(day: string, chains: number): Map<string, string> {
  const files = new Map<string, string>();
  for (let i = 0; i < chains; i++) {
    const hash = sha256(`${day} ${i}`);
    const time = `${day.replaceAll('-', '')}T${String(i % 24).padStart(2, '0')}0000.000Z`;
    const words = i % 4 === 3 ? `${LONG}_${LONG}` : 'failure-reaches-operator_operator';
    const event = `${time}_run.failed_job.nightly-${i}_${hash.slice(0, 12)}`;
    const notice = `${time}_${words}_${hash.slice(12, 24)}`;
    const said = { event: { path: `events/${day}/${event}.json`, sha256: hash }, summary: `exit code ${i % 7}`, key: sha256(hash) };
    const text = (kind: string): string =>
      `${JSON.stringify({ apiVersion: 'reporting-governance/v1', kind, ...said, padding: 'x'.repeat((i * 37) % 1100) }, null, 2)}\n`;
    files.set(`events/${day}/${event}.json`, text('Event'));
    files.set(`decisions/${day}/${event}.json`, text('Decision'));
    files.set(`queue/${day}/${notice}.json`, text('Notice'));
    files.set(`handoffs/${day}/${notice}.1.json`, text('Handoff'));
    files.set(`receipts/${day}/${notice}.1.pending_external_send.json`, text('Receipt'));
  }
  return files;
}
