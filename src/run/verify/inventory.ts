import { lstatSync } from 'node:fs';
import { STAGES, type Stage } from '../../model/artifacts.ts';
import { messageOf } from '../../model/errors.ts';
import { listArchives } from '../../store/archived-days.ts';
import { listFolder } from '../../store/folder.ts';
import type { Layout } from '../../store/layout.ts';
import type { Finding } from './finding.ts';

export interface Inventory {
  /** Days of which any stage has a folder. */
  loose: ReadonlySet<string>;
  /** Days that are packed. */
  archived: ReadonlySet<string>;
  findings: readonly Finding[];
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const ARCHIVE = /^\d{4}-\d{2}-\d{2}\.tar\.gz$/;

/** Which days there are, and what lies among them that is none. */
export function takeInventory(layout: Layout): Inventory {
  const findings: Finding[] = [];
  const loose = new Set<string>();
  for (const stage of STAGES) {
    for (const name of listKnown(layout, stage, findings)) {
      if (name.startsWith('.')) continue;
      if (!DAY.test(name))
        findings.push({ path: `${stage}/${name}`, reason: 'name_invalid', detail: 'the folders here are named after days', since: null });
      else loose.add(name);
    }
  }
  for (const file of listKnown(layout, 'archives', findings)) {
    if (file.startsWith('.') || ARCHIVE.test(file)) continue;
    findings.push({ path: `archives/${file}`, reason: 'name_invalid', detail: 'archives are named after days', since: null });
  }
  // What lies in it is for the chain of seals.
  listKnown(layout, 'seals', findings);
  return { loose, archived: new Set(orNone(() => listArchives(layout))), findings };
}

/** Nothing where a folder cannot be listed: that is a finding already. */
export function orNone(list: () => string[]): string[] {
  try {
    return list();
  } catch {
    return [];
  }
}

/** Names in a folder of `state/`; what stands in the way of listing it is a finding. */
function listKnown(layout: Layout, path: string, findings: Finding[]): string[] {
  try {
    const stat = lstatSync(layout.at(path), { throwIfNoEntry: false });
    if (stat && !stat.isDirectory()) {
      const detail = `${stat.isSymbolicLink() ? 'a symbolic link' : 'a file'} stands where a folder should be`;
      findings.push({ path, reason: 'not_a_regular_file', detail, since: null });
      return [];
    }
    return listFolder(layout.at(path));
  } catch (error) {
    findings.push({ path, reason: 'unreadable', detail: messageOf(error), since: null });
    return [];
  }
}

/** Names of the files of a stage on a day. */
export function listDay(layout: Layout, stage: Stage, day: string, findings: Finding[]): string[] {
  return listKnown(layout, `${stage}/${day}`, findings);
}

/** How many files lie about of a day. */
export const countFiles = (layout: Layout, day: string): number => STAGES.reduce((sum, stage) => sum + listFolder(layout.day(stage, day)).length, 0);
