/** As in `schemas/common.schema.json`: words between slashes. */
const SUBJECT = /^[\p{L}\p{N}_][\p{L}\p{N}_.@:+=,#~ -]*(\/[\p{L}\p{N}_][\p{L}\p{N}_.@:+=,#~ -]*)*$/u;
const MAX_LENGTH = 200;

/** Whether a text can say who owes a report: `job/nightly-backup`, `agent/main`, `task/1234`. */
export function isSubject(text: string): boolean {
  return [...text].length <= MAX_LENGTH && SUBJECT.test(text);
}

export const SUBJECT_WORDS = 'words between slashes, at most 200 characters, as in job/nightly-backup';
