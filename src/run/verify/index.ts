import { setTimeout as sleep } from 'node:timers/promises';
import { RgovError } from '../../model/errors.ts';
import { listFolder } from '../../store/folder.ts';
import type { Layout } from '../../store/layout.ts';
import { located } from './day.ts';
import type { Finding } from './finding.ts';
import { countFiles } from './inventory.ts';
import { type Look, type LookOptions, look, MAX_FINDINGS } from './look.ts';
import { findPlace, type PlaceOptions } from './place.ts';
import { type SignatureReport, verifySignatures } from './signatures-of-seals.ts';

export interface VerifyOptions extends PlaceOptions, LookOptions {
  /** Also the history in git: of a range of commits, or (`true`) all of it. */
  git?: string | true | undefined;
}

export interface VerifyReport {
  state: string;
  /** What is wrong with the declared documents, so that another catalog or none was used; null if nothing is. */
  documents: string | null;
  ok: boolean;
  findings: Finding[];
  /** Beyond those that are listed. */
  moreFindings: number;
  days: { verified: number; from: string | null; through: string | null };
  /** `read` one by one; `vouched` for by the hash of their archive. */
  artifacts: { read: number; vouched: number };
  /** The chain of seals is always verified from end to end. */
  seals: { count: number; from: string | null; through: string | null };
  archives: { count: number; opened: number };
  signatures: SignatureReport & { allowedSigners: string | null };
  git: { range: string | null; commits: number } | null;
  /** Files that could not be read and lie aside; they are no findings. */
  quarantined: number;
  /** What nobody could find out here: that the newest part of this was taken away. */
  undetectable: { what: string; notSealedFrom: string | null; artifacts: number };
}

/** Others may be at work: between a decision and its notices, or between an archive and what it replaces, lies less than this. */
const SECOND_LOOK_AFTER_MS = 200;

/**
 * Whether everything below `state/` is as this program leaves it. Writes nothing. What is found is looked at a second time, so that
 * what others are just writing is no finding. Throws `not_found` without a state folder, `usage` for options that say nothing.
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const place = await findPlace(options);
  const { layout } = place;
  const first = await look(layout, options);
  if (options.day !== undefined && first.days.length === 0) {
    throw new RgovError('not_found', `${layout.root} holds nothing of ${options.day}`, { hint: `ls ${layout.stage('events')} ${layout.seals}` });
  }
  const signatures = await verifySignatures(layout, first.chain, place.allowedSigners, options.deep === true);
  const git = options.git === undefined ? null : await gitOf(layout, options.git);
  let { findings } = first;
  if (findings.length > 0) {
    await sleep(SECOND_LOOK_AFTER_MS);
    const days = new Set(findings.map(({ day }) => day));
    const second = await look(layout, { ...options, onProgress: undefined }, days);
    const still = new Set(second.findings.map(({ finding }) => keyOf(finding)));
    findings = findings.filter(({ finding }) => still.has(keyOf(finding)));
  }
  // A seal may be found wanting with the chain, and with its day.
  const all = [...located(layout, [...findings.map(({ finding }) => finding), ...signatures.findings]), ...(git?.findings ?? [])];
  const listed = all.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.reason < b.reason ? -1 : 1)).slice(0, MAX_FINDINGS);
  return {
    state: layout.root,
    documents: place.documents,
    ok: all.length + first.dropped === 0,
    findings: listed,
    moreFindings: all.length - listed.length + first.dropped,
    days: { verified: first.days.length, from: first.days[0] ?? null, through: first.days.at(-1) ?? null },
    artifacts: { read: first.read, vouched: first.vouched },
    seals: { count: first.chain.days.length, from: first.chain.days[0] ?? null, through: first.chain.days.at(-1) ?? null },
    archives: { count: first.inventory.archived.size, opened: first.opened },
    signatures: { ...signatures.report, allowedSigners: place.allowedSigners },
    git: git && { range: typeof options.git === 'string' ? options.git : null, commits: git.commits },
    quarantined: countQuarantined(layout),
    undetectable: undetectable(layout, first),
  };
}

const keyOf = ({ path, reason }: Finding): string => `${path}\n${reason}`;

async function gitOf(layout: Layout, range: string | true): Promise<{ findings: Finding[]; commits: number }> {
  const { verifyGit } = await import('./git.ts');
  return range === true ? verifyGit(layout) : verifyGit(layout, range);
}

function countQuarantined(layout: Layout): number {
  const files = listFolder(layout.quarantine).flatMap((day) => listFolder(`${layout.quarantine}/${day}`));
  return files.filter((file) => !file.endsWith('.reason.json')).length;
}

/** Nothing here names what came after the newest seal, and nothing names the newest seal. */
function undetectable(layout: Layout, { chain, inventory }: Look): VerifyReport['undetectable'] {
  const newest = chain.days.at(-1) ?? '';
  const open = [...inventory.loose].filter((day) => day > newest).sort();
  const counts = open.map((day) => ({ day, files: countFiles(layout, day) })).filter(({ files }) => files > 0);
  return {
    what: 'that the newest was taken away, if no copy lies elsewhere: what nothing else names yet of days that are not sealed (a last receipt, an event with all that followed), or the newest seals with their days',
    notSealedFrom: counts[0]?.day ?? null,
    artifacts: counts.reduce((sum, { files }) => sum + files, 0),
  };
}
