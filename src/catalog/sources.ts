import type { RuntimeBinding, Source } from '../model/artifacts.ts';
import type { ResolvedSource } from '../model/catalog.ts';
import { parseDurationMs } from '../model/time.ts';

const DEFAULT_EVERY_MS = 60_000;
const DEFAULT_TIME_LIMIT_MS = 30_000;
/** A restart, or one bad answer, is nothing to wake anybody for. */
const DEFAULT_FAIL_AFTER = 3;

/** What a binding listens to. Its documents must have passed every rule. */
export function sourcesOf({ sources = {} }: RuntimeBinding['spec']): ResolvedSource[] {
  return Object.entries(sources).map(([name, source]) => ({
    name,
    adapter: source.adapter,
    from: originOf(source),
    livenessUrl: source.liveness?.url ?? null,
    allowHosts: source.allowHosts ?? [],
    every_ms: duration(source.every, DEFAULT_EVERY_MS),
    timeLimit_ms: duration(source.timeLimit, DEFAULT_TIME_LIMIT_MS),
    failAfter: source.failAfter ?? DEFAULT_FAIL_AFTER,
    severity: source.severity ?? 'error',
  }));
}

function originOf({ command, url, folder, headers = {} }: Source): ResolvedSource['from'] {
  if (command !== undefined) return { kind: 'command', argv: command };
  if (url !== undefined) return { kind: 'url', url, headers };
  if (folder !== undefined) return { kind: 'folder', path: folder };
  throw new Error('a source that every rule has let pass comes from nowhere');
}

const duration = (text: string | undefined, otherwise_ms: number): number => (text === undefined ? null : parseDurationMs(text)) ?? otherwise_ms;
