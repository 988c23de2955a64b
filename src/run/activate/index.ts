import { RgovError } from '../../model/errors.ts';
import { didYouMean } from '../../model/text.ts';
import type { WorkspaceOptions } from '../locate.ts';
import { openWorkspace } from '../workspace.ts';
import type { Activation, ActivationKind } from './kind.ts';
import { ACTIVATION_KINDS } from './kinds.ts';
import type { Found, NextCommand, Piece } from './piece.ts';
import { shellWord } from './quote.ts';
import { type Site, siteOf } from './site.ts';
import { workspaceToLeave } from './workspace-to-leave.ts';

/** `print` looks and writes nothing, and so does `check`, for which a difference is a no. */
export type ActivateMode = 'print' | 'write' | 'check' | 'remove';

export interface ActivateOptions extends WorkspaceOptions {
  /** Name of a kind; empty where none was said. */
  as: string;
  mode: ActivateMode;
  watch?: boolean | undefined;
  scope?: string | undefined;
  /** Replaces and removes also what somebody has edited by hand, and replaces what somebody else put there. */
  force?: boolean | undefined;
}

export interface PieceReport extends Pick<Piece, 'where' | 'why' | 'text'> {
  /** What was there; `leftover`: ours, and not wanted any more. */
  found: Found['status'] | 'leftover';
  byHand: boolean;
  /** `- ` what is there, `+ ` what should be. */
  differences: string[];
  /** Why it cannot be looked at, and what helps. */
  reason: string | null;
  hint: string | null;
  /** `kept`: as it should be, or nobody asked for more. `refused`: somebody else's work stands there. */
  done: 'kept' | 'written' | 'removed' | 'refused';
}

export interface ActivateReport {
  /** Nothing differs, or everything was done. */
  ok: boolean;
  as: string;
  mode: ActivateMode;
  binding: string;
  workspace: string;
  /** What asks for the same again, without its mode. */
  command: string;
  summary: string;
  pieces: PieceReport[];
  /** Still to be run by the operator. */
  next: NextCommand[];
  warnings: string[];
}

/** Prints, installs, compares or takes out what lets a deployment run by itself. Throws `usage` where it cannot be done as declared. */
export async function activate(options: ActivateOptions): Promise<ActivateReport> {
  const kind = kindNamed(options);
  // What was installed can be taken out whatever has become of the documents.
  const workspace = options.mode === 'remove' ? await workspaceToLeave(options) : await openWorkspace(options);
  return activateKind(kind, siteOf(workspace, { watch: options.watch ?? false, scope: options.scope }), options);
}

/** The same for a kind and a site that are known. */
export async function activateKind(
  kind: ActivationKind,
  site: Site,
  { mode, force = false }: Pick<ActivateOptions, 'mode' | 'force'>,
): Promise<ActivateReport> {
  const activation = await kind.describe(site);
  if (activation.refusal !== null && mode !== 'remove') throw activation.refusal;
  const items = await lookAtAll(activation);
  if (mode !== 'print') refuseUnknown(items);
  if (mode === 'write') await writeAll(items, force);
  if (mode === 'remove') await removeAll(items, force);
  const reports = items.map(({ report }) => report);
  const isAmiss = ({ found, done }: PieceReport): boolean => (mode === 'check' ? found !== 'same' : mode !== 'print' && done === 'refused');
  return {
    ok: !reports.some(isAmiss),
    as: kind.name,
    mode,
    binding: site.catalog.binding,
    workspace: site.root,
    command: commandOf(kind, site),
    summary: activation.summary,
    pieces: reports,
    next: nextOf(activation, mode, reports),
    warnings: mode === 'remove' ? [] : activation.warnings,
  };
}

function commandOf({ name }: ActivationKind, { owner, options }: Site): string {
  const here = process.cwd() === owner.workspace ? [] : ['-C', owner.workspace];
  const scope = options.scope === undefined ? [] : ['--scope', options.scope];
  const words = ['rgov', 'activate', ...here, ...(owner.binding === 'default' ? [] : ['--binding', owner.binding]), '--as', name];
  return [...words, ...(options.watch ? ['--watch'] : []), ...scope].map(shellWord).join(' ');
}

/** Nothing is to be run after nothing was changed. */
function nextOf({ next }: Activation, mode: ActivateMode, reports: readonly PieceReport[]): NextCommand[] {
  const isDone = reports.some(({ done }) => done === 'written' || done === 'removed');
  const differs = reports.some(({ found }) => found !== 'same');
  if (mode === 'print') return next.written;
  if (mode === 'check') return differs ? next.written : [];
  return isDone ? next[mode === 'write' ? 'written' : 'removed'] : [];
}

interface Item {
  piece: Piece;
  wanted: boolean;
  report: PieceReport;
}

async function lookAtAll({ pieces, leftovers }: Activation): Promise<Item[]> {
  const items: Item[] = [];
  for (const piece of pieces) items.push({ piece, wanted: true, report: reportOf(piece, await piece.look()) });
  for (const piece of leftovers) {
    const found = await piece.look();
    if (found.status === 'same' || found.status === 'changed')
      items.push({ piece, wanted: false, report: { ...reportOf(piece, found), found: 'leftover' } });
  }
  return items;
}

function reportOf({ where, why, text }: Piece, found: Found): PieceReport {
  const differences = found.status === 'changed' || found.status === 'foreign' ? found.differences : [];
  return {
    where,
    why,
    text,
    found: found.status,
    byHand: found.status === 'changed' && found.byHand,
    differences,
    reason: found.status === 'unknown' ? found.reason : null,
    hint: found.status === 'unknown' ? (found.hint ?? null) : null,
    done: 'kept',
  };
}

/** First everything is looked at; where somebody else's work would be lost, nothing at all is written. */
async function writeAll(items: readonly Item[], force: boolean): Promise<void> {
  const inTheWay = items.filter(({ report }) => !force && (report.byHand || report.found === 'foreign'));
  for (const { report } of inTheWay) report.done = 'refused';
  if (inTheWay.length > 0) return;
  for (const { piece, wanted, report } of items) {
    if (!wanted) {
      await piece.remove();
      report.done = 'removed';
    } else if (report.found !== 'same') {
      await piece.write();
      report.done = 'written';
    }
  }
}

/** The last one first, so that nothing is there for a moment without what it needs. What is not ours stays, also with --force. */
async function removeAll(items: readonly Item[], force: boolean): Promise<void> {
  const inTheWay = items.filter(({ report }) => !force && report.byHand);
  for (const { report } of inTheWay) report.done = 'refused';
  if (inTheWay.length > 0) return;
  for (const { piece, report } of items.toReversed()) {
    if (report.found === 'missing' || report.found === 'foreign') continue;
    await piece.remove();
    report.done = 'removed';
  }
}

function refuseUnknown(items: readonly Item[]): void {
  const unknown = items.find(({ report }) => report.found === 'unknown')?.report;
  if (unknown)
    throw new RgovError('state_io', unknown.reason ?? `${unknown.where} cannot be looked at`, unknown.hint === null ? {} : { hint: unknown.hint });
}

function kindNamed({ as, watch, scope }: ActivateOptions): ActivationKind {
  const names = ACTIVATION_KINDS.map(({ name }) => name);
  const kind = ACTIVATION_KINDS.find(({ name }) => name === as);
  if (kind === undefined) {
    const guess = didYouMean(as, names);
    throw new RgovError('usage', as === '' ? '--as is missing: how is it to run by itself?' : `--as ${as.slice(0, 60)} is no way to activate`, {
      expected: names.join(', '),
      hint: `rgov activate --as ${guess ?? names[0]}`,
    });
  }
  if (watch && !kind.canWatch)
    throw new RgovError('usage', `--as ${kind.name} starts passes and cannot keep a watcher running`, { hint: 'rgov activate --as systemd --watch' });
  if (scope !== undefined && !kind.scopes.includes(scope))
    throw new RgovError('usage', `--scope ${scope.slice(0, 60)} means nothing to --as ${kind.name}`, {
      expected: kind.scopes.length === 0 ? 'no --scope' : kind.scopes.join(' or '),
      hint: `rgov activate --as ${kind.name}${kind.scopes.length === 0 ? '' : ` --scope ${kind.scopes[0]}`}`,
    });
  return kind;
}
