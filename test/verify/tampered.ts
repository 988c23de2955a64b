import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sha256 } from '../../src/model/hash.ts';
import { serialize } from '../../src/model/json.ts';
import { packArchive } from '../../src/store/archive/pack.ts';
import { readArchive } from '../../src/store/archive.ts';
import { Layout } from '../../src/store/layout.ts';
import { namesBelow } from '../support/hostile-things.ts';
import type { Trail } from './state.ts';
import { FIRST, SECOND, THIRD, TODAY } from './state.ts';

const DAY_WORDS: [string, string][] = [
  [FIRST, 'first'],
  [SECOND, 'second'],
  [THIRD, 'third'],
  [TODAY, 'today'],
];

export interface Case {
  what: string;
  tamper(trail: Tampered): unknown;
  /** Every finding, as `reason place`, and no other; places as {@link Labels} call them. */
  finds: string[];
  options?: { deep?: boolean; day?: string };
}

/** Short words for what lies in a trail: `receipts/today/plain.1.acked.json` is the receipt of the notice about `job/plain`. */
export class Labels {
  readonly #words = new Map<string, string>();
  readonly #paths = new Map<string, string>();

  constructor(trail: Trail) {
    const files = new Map(Object.entries(trail.files()));
    for (const day of [FIRST, SECOND]) {
      const archive = readArchive(trail.layout, day);
      if (archive.kind === 'ok') for (const [path, bytes] of archive.files) files.set(path, Buffer.from(bytes).toString());
    }
    for (const [path, text] of files) {
      const [stage, , file = ''] = path.split('/');
      if (stage !== 'events' && stage !== 'queue') continue;
      const { type, subject, target } = JSON.parse(text) as Record<string, string>;
      const word = [
        type,
        subject?.replace('job/', ''),
        target === 'operator' ? undefined : target,
        type ? undefined : file.includes('T101001') ? 'again' : undefined,
      ];
      this.#words.set(file.slice(0, -'.json'.length), word.filter((part) => part !== undefined).join(':'));
    }
    for (const path of files.keys()) this.#paths.set(this.of(path), path);
  }

  of(path: string): string {
    let label = path;
    for (const [name, word] of this.#words) label = label.replace(name, word);
    for (const [day, word] of DAY_WORDS) label = label.replace(`/${day}`, `/${word}`);
    return label;
  }

  pathOf(label: string): string {
    const path = this.#paths.get(label);
    if (path === undefined) throw new Error(`there is no ${label}; there are\n${[...this.#paths.keys()].join('\n')}`);
    return path;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: documents of every kind, which tests tamper with
type Document = Record<string, any>;

/** A copy of a trail that can be tampered with, clumsily or with care. */
export class Tampered {
  readonly layout: Layout;
  readonly labels: Labels;
  readonly #root: string;

  constructor(trail: Trail, labels: Labels) {
    this.labels = labels;
    this.#root = mkdtempSync(join(tmpdir(), 'rgov-verify-'));
    this.layout = new Layout(join(this.#root, 'state'));
    cpSync(trail.layout.root, this.layout.root, { recursive: true });
  }

  /** Where a label, or a path below `state/`, lies. */
  at(label: string): string {
    return this.layout.at(this.path(label));
  }

  path(label: string): string {
    return existsSync(this.layout.at(label)) ? label : this.labels.pathOf(label);
  }

  read(label: string): Buffer {
    return readFileSync(this.at(label));
  }

  json(label: string): Document {
    return JSON.parse(this.read(label).toString());
  }

  write(path: string, content: string | Uint8Array | object): void {
    const file = this.layout.at(path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' || content instanceof Uint8Array ? content : serialize(content));
  }

  overwrite(label: string, content: string | Uint8Array): void {
    writeFileSync(this.at(label), content);
  }

  remove(...labels: string[]): void {
    for (const label of labels) rmSync(this.at(label), { recursive: true });
  }

  rename(label: string, path: string): void {
    renameSync(this.at(label), this.layout.at(path));
  }

  link(label: string): { path: string; sha256: string } {
    return { path: this.path(label), sha256: sha256(this.read(label)) };
  }

  /** Alters an artifact, and every link that leads to it, and every link that leads to those: only what it says can betray it. */
  forge(label: string, change: (document: Document) => unknown): void {
    const before = this.read(label);
    const document = this.json(label);
    change(document);
    this.overwrite(label, serialize(document));
    this.#relink(sha256(before), sha256(this.read(label)));
  }

  #relink(before: string, after: string): void {
    for (const path of this.artifacts()) {
      const text = readFileSync(this.layout.at(path), 'utf8');
      if (!text.includes(before)) continue;
      const relinked = text.replaceAll(before, after);
      writeFileSync(this.layout.at(path), relinked);
      this.#relink(sha256(text), sha256(relinked));
    }
  }

  artifacts(): string[] {
    return namesBelow(this.layout.root).filter((path) => /^(events|decisions|queue|handoffs|receipts)\//.test(path) && path.endsWith('.json'));
  }

  /** Another text of a seal; the seals after it stay as they are. */
  reseal(day: string, change: (lines: string[]) => string[]): void {
    const path = this.layout.at(`seals/${day}.sha256`);
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    writeFileSync(
      path,
      change(lines)
        .map((line) => `${line}\n`)
        .join(''),
    );
  }

  /** The archive of a day with other contents, as this program would have packed it. */
  async repack(day: string, change: (files: Map<string, Uint8Array>) => void): Promise<void> {
    const archive = readArchive(this.layout, day);
    if (archive.kind !== 'ok') throw new Error(`no archive of ${day}`);
    const files = new Map<string, Uint8Array>([...archive.files].map(([path, bytes]) => [path, Buffer.from(bytes)]));
    change(files);
    const packed = await packArchive(
      day,
      [...files].map(([path, bytes]) => ({ path, bytes })),
    );
    writeFileSync(this.layout.at(`archives/${day}.tar.gz`), packed);
  }

  /** Puts loose files in the place of an archive. */
  unpack(day: string): void {
    const archive = readArchive(this.layout, day);
    if (archive.kind !== 'ok') throw new Error(`no archive of ${day}`);
    for (const [path, bytes] of archive.files) this.write(path, bytes);
    this.remove(`archives/${day}.tar.gz`);
  }

  done(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}
