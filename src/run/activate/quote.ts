const PLAIN = /^[\w./@%+,:=-]+$/;

/** One word for any shell that Unix systems have, fish and csh included. */
export const shellWord = (word: string): string => (PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
