import { join, resolve } from 'node:path';
import type { Stage } from '../model/artifacts.ts';

/** Larger than any artifact that this program writes; a larger file is nobody's artifact. */
export const MAX_ARTIFACT_BYTES = 1024 * 1024;

/** Where everything lies below one `state/`. */
export class Layout {
  readonly root: string;
  readonly temporaries: string;
  readonly bell: string;
  readonly cache: string;
  readonly subjects: string;
  readonly quarantine: string;
  readonly lastPass: string;
  /** Heartbeats of owners of claims. */
  readonly owners: string;
  /** Numbers that attempts of rate-limited senders have taken. */
  readonly rates: string;
  /** Where any program may drop CloudEvents by rename. */
  readonly inbox: string;
  /** One manifest for each day that nothing is added to any more. */
  readonly seals: string;
  /** Sealed days, packed. */
  readonly archives: string;
  /** Names the day that is being sealed at this moment. */
  readonly sealing: string;

  /** `root` is absolute. */
  constructor(root: string) {
    this.root = resolve(root);
    this.temporaries = join(this.root, '.tmp');
    this.bell = join(this.root, '.bell');
    this.cache = join(this.root, '.cache');
    this.subjects = join(this.root, 'subjects');
    this.quarantine = join(this.root, 'quarantine');
    this.lastPass = join(this.root, '.pass.json');
    this.owners = join(this.root, '.owners');
    this.rates = join(this.root, '.rates');
    this.inbox = join(this.root, 'inbox');
    this.seals = join(this.root, 'seals');
    this.archives = join(this.root, 'archives');
    this.sealing = join(this.root, '.sealing');
  }

  stage(stage: Stage): string {
    return `${this.root}/${stage}`;
  }

  day(stage: Stage, day: string): string {
    return `${this.root}/${stage}/${day}`;
  }

  /** The file of a link or of any other path below `state/`. */
  at(path: string): string {
    return join(this.root, path);
  }
}
