// Read at every start, before anything else: this file loads nothing.

/** `rgov gate` in one of the plain forms that hooks use. */
export interface PlainGate {
  workspace?: string;
  binding?: string;
  subject?: string;
  action?: string;
  tool?: string;
  input?: string;
  json?: boolean;
  claudeCode?: boolean;
}

type Valued = Exclude<keyof PlainGate, 'json' | 'claudeCode'>;

const COMMON: Record<string, Valued> = { '-C': 'workspace', '--workspace': 'workspace', '--binding': 'binding' };
const OWN: Record<string, Valued> = {
  ...COMMON,
  '-s': 'subject',
  '--subject': 'subject',
  '-a': 'action',
  '--action': 'action',
  '--tool': 'tool',
  '--input': 'input',
};
const FLAGS: Record<string, 'json' | 'claudeCode'> = { '--json': 'json', '--claude-code': 'claudeCode' };

/** Null if it is another command, or in any form that must be looked at twice: then the whole command line reads it. */
export function plainGate(args: readonly string[]): PlainGate | null {
  const options: PlainGate = {};
  let named = false;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === 'gate' && !named) {
      named = true;
      continue;
    }
    const flag = named ? FLAGS[arg] : undefined;
    const equals = arg.startsWith('--') ? arg.indexOf('=') : -1;
    const name = (named ? OWN : COMMON)[equals < 0 ? arg : arg.slice(0, equals)];
    const value = equals < 0 ? args[i + 1] : arg.slice(equals + 1);
    if (flag !== undefined && options[flag] === undefined) options[flag] = true;
    else if (name !== undefined && options[name] === undefined && isPlain(name, value, equals >= 0)) {
      options[name] = value;
      if (equals < 0) i++;
    } else return null;
  }
  return named && isComplete(options) ? options : null;
}

/** A dash alone is standard input. */
const isPlain = (name: Valued, value: string | undefined, joined: boolean): value is string =>
  value !== undefined && value !== '' && (joined || !value.startsWith('-') || (name === 'input' && value === '-'));

function isComplete({ subject, action, tool, input, json, claudeCode }: PlainGate): boolean {
  if (claudeCode) return [subject, action, tool, input, json].every((option) => option === undefined);
  return subject !== undefined && action !== undefined;
}
