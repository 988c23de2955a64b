import { join } from 'node:path';
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
    this.root = root;
    this.temporaries = join(root, '.tmp');
    this.bell = join(root, '.bell');
    this.cache = join(root, '.cache');
    this.subjects = join(root, 'subjects');
    this.quarantine = join(root, 'quarantine');
    this.lastPass = join(root, '.pass.json');
    this.owners = join(root, '.owners');
    this.rates = join(root, '.rates');
    this.inbox = join(root, 'inbox');
    this.seals = join(root, 'seals');
    this.archives = join(root, 'archives');
    this.sealing = join(root, '.sealing');
  }

  stage(stage: Stage): string {
    return join(this.root, stage);
  }

  day(stage: Stage, day: string): string {
    return join(this.root, stage, day);
  }

  /** The file of a link or of any other path below `state/`. */
  at(path: string): string {
    return join(this.root, path);
  }
}
