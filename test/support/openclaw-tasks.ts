import { readFileSync } from 'node:fs';
import type { Translation } from '../../src/adapters/adapter.ts';
import { adapter } from '../../src/adapters/openclaw/index.ts';

export type Task = Record<string, unknown> & { detail: Record<string, unknown> };

/** What OpenClaw printed, byte for byte. */
export const capture = (name: string): Buffer => readFileSync(new URL(`../fixtures/openclaw/${name}`, import.meta.url));
export const tasksOf = (name: string): Task[] => JSON.parse(capture(name).toString()).tasks;
export const translate = (document: unknown): Translation => adapter.translate(Buffer.from(JSON.stringify(document)));
/** A task of a real capture (a failed command run), with some fields changed: the states for which there is no capture. */
export const derived = (changes: object, detail: object = {}): Task => {
  const task = tasksOf('tasks-list-after.json').find((one) => one['label'] === 'nightly-export') as Task;
  return { ...task, ...changes, detail: { ...task.detail, ...detail } };
};
export const typesOf = (...tasks: unknown[]): string[] => translate({ tasks }).events.map((event) => event.type);
