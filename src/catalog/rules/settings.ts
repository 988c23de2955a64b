import { type BoundSender, boundSenders, instancePath } from '../bound-sender.ts';
import { checkSchema } from '../check-schema.ts';
import type { Declarations } from '../declarations.ts';
import { type Declared, type Path, valueAt } from '../document.ts';
import type { Problem } from '../problem.ts';
import type { SenderKindInfo } from '../sender-kinds.ts';

type Place = (path: Path) => { document: Declared; path: Path };

/** Settings of senders (`with:`) against the schema of their kind: of each SenderBinding, and of each sender of a deployment as a whole. */
export async function checkSettings(declarations: Declarations): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const sender of declarations.all('SenderBinding')) problems.push(...(await checkOwn(sender, declarations)));
  for (const binding of declarations.all('RuntimeBinding')) {
    for (const sender of boundSenders(binding, declarations)) problems.push(...(await checkBound(binding, sender)));
  }
  return problems;
}

/** What a SenderBinding leaves out, a runtime binding may supply; only what it says can be wrong. */
async function checkOwn(sender: Declared<'SenderBinding'>, { kinds }: Declarations): Promise<Problem[]> {
  const { kind, with: settings } = sender.value.spec;
  const info = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (!info || settings === undefined) return [];
  const validate = await info.configValidator();
  const place: Place = (path) => ({ document: sender, path: ['spec', 'with', ...path] });
  const problems = checkSchema(validate, { document: sender, value: settings, place });
  if (problems.length > 0) return problems.filter((problem) => problem.code !== 'missing_key');
  return kindProblems(info, settings, false, place);
}

/** What a kind itself has against settings that its schema accepts. */
async function kindProblems(kind: SenderKindInfo, settings: Record<string, unknown>, complete: boolean, place: Place): Promise<Problem[]> {
  const found = (await kind.configProblems?.(settings, complete)) ?? [];
  return found.map(({ path, code = 'wrong_value', ...parts }) => {
    const { document, path: full } = place(path);
    if (code === 'secret_in_clear') {
      const range = document.rangeOf(full);
      if (range) document.source.hide(range);
    }
    return code === 'unknown_key' ? document.atKey(full, { code, ...parts }) : document.at(full, { code, ...parts });
  });
}

async function checkBound(binding: Declared<'RuntimeBinding'>, sender: BoundSender): Promise<Problem[]> {
  if (!sender.kind) return [];
  const validate = await sender.kind.configValidator();
  const own = sender.instance?.with ?? {};
  const inBinding = (path: Path): boolean => path.length === 0 || Object.hasOwn(own, String(path[0]));
  const place: Place = (path) => {
    if (!inBinding(path)) return { document: sender.base, path: ['spec', 'with', ...path] };
    return { document: binding, path: sender.instance ? [...instancePath(sender.name), 'with', ...path] : targetOf(binding, sender.name) };
  };
  const problems = checkSchema(validate, { document: binding, value: sender.config, place });
  if (problems.length === 0) problems.push(...(await kindProblems(sender.kind, sender.config, true, place)));
  // What stands in the SenderBinding has been reported there.
  return problems.filter((problem) => problem.file === binding.source.file || problem.code === 'missing_key');
}

/** Where a target names a SenderBinding itself, what is missing is missing there. */
function targetOf(binding: Declared<'RuntimeBinding'>, sender: string): Path {
  const targets = valueAt(binding.value, ['spec', 'targets']) as Record<string, { sender: string }>;
  const name = Object.keys(targets).find((target) => targets[target]?.sender === sender) ?? '';
  return ['spec', 'targets', name, 'sender'];
}
