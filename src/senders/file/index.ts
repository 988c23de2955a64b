import { join, resolve } from 'node:path';
import type { Notice } from '../../model/artifacts.ts';
import { isErrno } from '../../model/errors.ts';
import type { Outcome } from '../../model/outcome.ts';
import { brief, words } from '../outcome-text.ts';
import type { CreateSender } from '../sender.ts';

/** Errors that can only come before the file appears under its name. */
const NOTHING_WRITTEN: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'no permission',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a file stands where a folder should be',
  ENOENT: 'the folder is not there',
  EISDIR: 'a folder stands where the file should be',
  ELOOP: 'a symbolic link is in the way',
  ENAMETOOLONG: 'the path is too long',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
};

/**
 * One text file per notice. The folder has custody from then on: the file is durable, but nothing says that anybody reads it.
 * The name follows from the notice, so that a repeated attempt finds the first one's file and leaves it alone.
 */
export const create: CreateSender = (config, context) => {
  const { directory } = config as { directory?: string };
  return {
    async attempt({ notice, address }, signal): Promise<Outcome> {
      const folder = directory ?? address;
      if (folder === undefined) {
        return {
          kind: 'retryable',
          reason: 'nothing was written: neither `with.directory` of the sender nor `address` of the target names a folder',
        };
      }
      if (signal.aborted) return { kind: 'retryable', reason: 'nothing was written: cut off before it began' };
      const file = `${notice.id}.txt`;
      try {
        const result = context.createFile(join(resolve(context.workspace, folder), file), message(notice));
        return {
          kind: 'custody',
          who: brief(`file:${folder}`),
          detail: brief(result === 'created' ? `written as ${file}` : `${file} was there already`),
        };
      } catch (error) {
        if (!isErrno(error)) throw error;
        const reason = NOTHING_WRITTEN[String(error.code)];
        if (reason === undefined) return { kind: 'ambiguous', reason: brief(`the file may have been written: ${error.code} at ${folder}`) };
        return { kind: 'retryable', reason: brief(`nothing was written: ${reason} (${error.code}) at ${folder}`) };
      }
    },
  };
};

/** Title, text, and the notice's id where a person or a program can find it again. */
function message(notice: Notice): string {
  const { title, text } = words(notice);
  return `${title}\n\n${text.trimEnd()}\n\n[rg:${notice.id}]\n`;
}
