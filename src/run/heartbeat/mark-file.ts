import { lstatSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isErrno } from '../../model/errors.ts';
import type { PingResult } from './ping.ts';

/** Others must be able to read it: that is what it is for. */
const MARK_MODE = 0o644;

/**
 * Puts the mark in place of the one before. Its time of modification is that of the last healthy pass: whoever looks at nothing
 * else sees a watchdog that fails grow old, like one that is dead. Never throws.
 */
export function writeMark(path: string, named: string, mark: { ok: boolean } & Record<string, unknown>): PingResult {
  const temporary = `${path}.${process.pid}.${process.hrtime.bigint()}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    try {
      writeFileSync(temporary, `${JSON.stringify(mark)}\n`, { mode: MARK_MODE, flag: 'wx' });
      if (!mark.ok) utimesSync(temporary, new Date(), lastHealthy(path));
      renameSync(temporary, path);
    } finally {
      rmSync(temporary, { force: true });
    }
    return { ok: true, detail: `heartbeat written to ${named}` };
  } catch (error) {
    return { ok: false, detail: `heartbeat not written to ${named}: ${isErrno(error) ? error.code : 'failed'}` };
  }
}

/** Without a mark no pass was ever healthy: as old as can be. */
function lastHealthy(path: string): Date {
  try {
    return lstatSync(path).mtime;
  } catch {
    return new Date(0);
  }
}
