import type { Layout } from '../../store/layout.ts';
import { sealName } from '../../store/seals.ts';
import type { Finding } from './finding.ts';
import type { SealChain } from './seal-chain.ts';

export interface SignatureReport {
  /** Seals that are signed. */
  signed: number;
  /** Signatures that were checked. */
  checked: number;
  /** Who signed the newest seal that is signed, and which day it is of; null where nobody did, or nobody was asked. */
  newest: { day: string; by: string } | null;
}

/**
 * The newest signature speaks for every seal before it, as each names the bytes of the one before; `all` asks for the others, too.
 * Where signers are named, the newest seal has to be signed.
 */
export async function verifySignatures(
  layout: Layout,
  { days, signed }: SealChain,
  allowedSigners: string | null,
  all: boolean,
): Promise<{ report: SignatureReport; findings: Finding[] }> {
  const report: SignatureReport = { signed: signed.length, checked: 0, newest: null };
  const findings: Finding[] = [];
  if (allowedSigners === null) return { report, findings };
  const newest = days.at(-1);
  if (newest !== undefined && signed.at(-1) !== newest) {
    const detail = signed.length === 0 ? 'no seal is' : `seals are signed through ${signed.at(-1)}`;
    findings.push({ path: sealName(newest), reason: 'signature_missing', detail, since: null });
  }
  const { verifySignature } = await import('../signatures.ts');
  for (const day of all ? signed : signed.slice(-1)) {
    const seal = sealName(day);
    const verdict = await verifySignature(layout.at(seal), layout.at(`${seal}.sig`), allowedSigners);
    report.checked++;
    if (!verdict.ok) findings.push({ path: `${seal}.sig`, reason: 'signature_invalid', detail: verdict.detail, since: null });
    else if (day === signed.at(-1)) report.newest = { day, by: verdict.principal };
  }
  return { report, findings };
}
