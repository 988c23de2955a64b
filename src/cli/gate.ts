import { answerHook, askAndPrint } from './gate-and-print.ts';
import { watchOutput } from './output-failed.ts';
import type { PlainGate } from './plain-gate.ts';

/** `rgov gate` as hooks start it, without the rest of the command line: it stands before every action, so that its start is what it costs. Never throws. */
export async function gatePlainly({ subject = '', action = '', claudeCode = false, ...options }: PlainGate): Promise<void> {
  watchOutput();
  if (claudeCode) return answerHook(options);
  try {
    await askAndPrint({ ...options, subject, action });
  } catch (error) {
    const { asRgovError, printError } = await import('./views/error.ts');
    const known = asRgovError(error);
    await printError(known, options.json === true);
    process.exitCode = known.exitCode;
  }
}
