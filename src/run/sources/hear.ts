import type { ResolvedSource } from '../../model/catalog.ts';
import type { ResolveSecret } from '../../model/secret.ts';
import { hearCommand } from './from-command.ts';
import { hearFolder } from './from-folder.ts';
import { hearUrl } from './from-url.ts';
import type { Heard } from './heard.ts';

export interface Answer {
  said: Heard;
  /** Why the runtime counts as down; null where it answers, or nobody asks it. */
  down: string | null;
}

/** Asks a source what there is to report and, where that is declared, its runtime whether it lives; both within the time limit. `stop` ends it before. */
export async function hear(source: ResolvedSource, workspace: string, resolve: ResolveSecret, stop: AbortSignal): Promise<Answer> {
  const cut = AbortSignal.any([stop, AbortSignal.timeout(source.timeLimit_ms)]);
  const [said, down] = await Promise.all([hearOrigin(source, workspace, resolve, cut), whyDown(source, resolve, cut)]);
  return { said, down };
}

async function hearOrigin(
  { from, allowHosts, timeLimit_ms }: ResolvedSource,
  workspace: string,
  resolve: ResolveSecret,
  cut: AbortSignal,
): Promise<Heard> {
  switch (from.kind) {
    case 'command':
      return hearCommand(from.argv, workspace, timeLimit_ms, cut);
    case 'url':
      return hearUrl({ ...from, allowHosts }, resolve, cut);
    case 'folder':
      return hearFolder(from.path, workspace);
  }
}

async function whyDown({ livenessUrl, allowHosts }: ResolvedSource, resolve: ResolveSecret, cut: AbortSignal): Promise<string | null> {
  if (livenessUrl === null) return null;
  const answer = await hearUrl({ url: livenessUrl, headers: {}, allowHosts }, resolve, cut);
  return answer.ok ? null : answer.why;
}
