import { runOnce } from './once.ts';

interface Report {
  ok: boolean;
  findings: { reason: string; path: string; detail: string }[];
}

/** What `rgov verify` finds in a state, in words; nothing if it finds nothing. */
export async function verified(program: readonly string[], root: string, env: Record<string, string> = {}): Promise<string[]> {
  const { code, stdout, stderr } = await runOnce([...program, 'verify', '--json', '-C', root], { env });
  if (code !== 0 && code !== 1) return [`rgov verify ended with ${code}: ${stderr}`];
  const { ok, findings } = JSON.parse(stdout) as Report;
  const found = findings.map(({ reason, path, detail }) => `rgov verify: ${reason}: ${path}: ${detail}`);
  return ok === (code === 0) && ok === (found.length === 0) ? found : [...found, `rgov verify ended with ${code}, and says ok: ${ok}`];
}
