import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, type JsonObject } from '../../../adapters/json-values.ts';
import { runChild } from '../../child.ts';
import { exitCodeOf, type Flaw, type Installed, LIMIT_MS, type Shell, type Surroundings, untried } from './shell.ts';
import { readTextOrNull } from './text-file.ts';

/** The exit code by which a hook holds something back; every other one but 0 is an error after which the action goes on. */
const BLOCK = 2;
const SESSION = 'rgov-self-test';
/** What is tried; the first one that the matcher of a hook lets through. None of them is exempt as it is asked here. */
const TOOLS = ['Bash', 'Write', 'Edit', 'Read', 'WebFetch', 'Task', 'mcp__server__tool'];
/** How settings name the folder of the project where no shell fills it in. */
const PROJECT = `$\{CLAUDE_PROJECT_DIR}`;
/** Hooks that a gate has a say in, with what Claude Code would say on standard input besides the common fields. */
const GATED: Record<string, (handler: Handler) => JsonObject | null> = {
  PreToolUse: ({ matcher }) => {
    const tool = TOOLS.find((name) => matches(matcher, name));
    return tool === undefined ? null : { tool_name: tool, tool_input: { command: 'true' }, tool_use_id: 'toolu_rgov' };
  },
  Stop: () => ({ stop_hook_active: false }),
  SubagentStop: () => ({ stop_hook_active: false, agent_id: 'rgov', agent_type: 'rgov' }),
};

interface Handler {
  event: string;
  matcher: unknown;
  fields: JsonObject;
}

/** Hooks in the settings of Claude Code: of the project, of this checkout alone, and of the user. (https://code.claude.com/docs/en/hooks, October 2026.) */
export const claudeCode: Shell = {
  name: 'claude-code',
  install: 'rgov activate --as claude-code --write',
  find: (surroundings) => Promise.resolve(settingsFiles(surroundings).flatMap((file) => installedIn(file, surroundings))),
};

function settingsFiles({ root, repository, env }: Surroundings): string[] {
  const folders = [...new Set([root, repository ?? root])].map((folder) => join(folder, '.claude'));
  const user = env['CLAUDE_CONFIG_DIR'] ?? (env['HOME'] === undefined ? null : join(env['HOME'], '.claude'));
  const files = folders.flatMap((folder) => [join(folder, 'settings.json'), join(folder, 'settings.local.json')]);
  return [...files, ...(user === null ? [] : [join(user, 'settings.json')])];
}

function installedIn(file: string, surroundings: Surroundings): Installed[] {
  const text = readTextOrNull(file);
  if (text === null || !/\bgate\b/.test(text)) return [];
  let settings: unknown;
  try {
    settings = JSON.parse(text);
  } catch {
    return [untried(file, { why: 'Claude Code cannot read it: it is no JSON', mend: `edit ${file}` })];
  }
  if (!isObject(settings)) return [];
  const isOff = settings['disableAllHooks'] === true;
  return handlersIn(settings).map((handler) => installed(file, handler, isOff, surroundings));
}

/** Those of ours, by what they run. */
function handlersIn({ hooks }: JsonObject): Handler[] {
  if (!isObject(hooks)) return [];
  return Object.entries(hooks).flatMap(([event, groups]) =>
    listOf(groups).flatMap(({ matcher, hooks: handlers }) =>
      listOf(handlers)
        .filter((fields) => /\bgate\b.*--claude-code/s.test([fields['command'], ...textsOf(fields['args'])].join(' ')))
        .map((fields) => ({ event, matcher, fields })),
    ),
  );
}

const listOf = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);
const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.filter((text) => typeof text === 'string') : []);

function installed(file: string, handler: Handler, isOff: boolean, { root, env }: Surroundings): Installed {
  const { event, fields } = handler;
  const question = Object.hasOwn(GATED, event) ? (GATED[event]?.(handler) ?? null) : null;
  const flaw = flawOf(handler, isOff, question);
  return {
    where: `${file} (${event}${typeof handler.matcher === 'string' && handler.matcher !== '' ? ` ${handler.matcher}` : ''})`,
    ...(flaw === null ? {} : { flaw }),
    ...(typeof fields['if'] === 'string' ? { notes: [`only for ${fields['if']}`] } : {}),
    async run(more) {
      const hook = { session_id: SESSION, transcript_path: '/dev/null', cwd: root, hook_event_name: event, ...question };
      const limit_ms = Math.min(LIMIT_MS, typeof fields['timeout'] === 'number' ? fields['timeout'] * 1000 : LIMIT_MS);
      const parts = { cwd: root, env: { ...env, CLAUDE_PROJECT_DIR: root, ...more }, limit_ms };
      const end = await runChild(commandOf(fields, root), parts, JSON.stringify(hook));
      return { end, holdsBack: exitCodeOf(end) === BLOCK };
    },
  };
}

function flawOf({ event, fields }: Handler, isOff: boolean, question: JsonObject | null): Flaw | null {
  if (isOff) return { why: 'disableAllHooks switches it off', mend: 'take disableAllHooks out of this file' };
  if (!Object.hasOwn(GATED, event)) return { why: `a gate has no say in ${event}`, mend: `put it under ${Object.keys(GATED).join(', ')}` };
  if (question === null) return { why: 'its matcher lets no tool through that is known here', mend: 'leave the matcher out, or make it "*"' };
  if (fields['type'] !== 'command') return { why: 'its type is not "command"', mend: 'make its type "command"' };
  if (fields['async'] === true || fields['asyncRewake'] === true)
    return { why: 'it runs in the background, where it holds nothing back', mend: 'take async out' };
  return null;
}

/** With `args` without a shell, placeholders filled in; else as a shell reads it. */
function commandOf({ command, args }: JsonObject, root: string): string[] {
  if (!Array.isArray(args)) return [existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh', '-c', String(command)];
  return [String(command), ...textsOf(args)].map((word) => word.replaceAll(PROJECT, root));
}

/** Letters, digits and `_`, `-`, `|` alone are names to be met exactly; anything else is a regular expression. */
function matches(matcher: unknown, tool: string): boolean {
  if (typeof matcher !== 'string' || matcher === '' || matcher === '*') return true;
  if (/^[\w|, -]+$/.test(matcher)) return matcher.split(/[|,]/).some((name) => name.trim() === tool);
  try {
    return new RegExp(matcher).test(tool);
  } catch {
    return false;
  }
}
