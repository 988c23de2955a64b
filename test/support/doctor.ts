import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckResult } from '../../src/run/doctor/check.ts';
import { Layout } from '../../src/store/layout.ts';

/** A folder with an empty state, for checks to look at. */
export class Patient {
  readonly root = mkdtempSync(join(tmpdir(), 'rgov-doctor-test-'));
  readonly layout = new Layout(join(this.root, 'state'));

  constructor() {
    mkdirSync(this.layout.root, { mode: 0o755 });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export const problems = ({ findings }: CheckResult): string[] => findings.map(({ problem }) => problem);
