// node scripts/reliability.mjs: makes docs/reliability.md of what `npm run test:fault` has counted. No figure on that page is written by hand.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'test/fault/.figures');

const INTRO = `# Reliability

What was done to this program to make it lose something, send something twice, or claim what nobody can prove, and what came of it.
This page is made by \`node scripts/reliability.mjs\` of what \`npm run test:fault\` has counted; no figure is written by hand.

\`\`\`sh
npm run reliability        # runs everything below, then makes this page anew
npm run test:fault         # only runs it: at most 30 minutes on two cores; .ci/run does, too
\`\`\`

Some of it needs root (loop devices, mount namespaces) or a Debian package (\`gcc\`, \`xfsprogs\`, \`faketime\`); where these are missing, a suite
says so instead of running. What each suite takes for a violation stands in its folder below \`test/fault/\`. Random choices follow from seeds, which
are printed where something fails.
`;

let files;
try {
  files = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort();
} catch {
  files = [];
}
if (files.length === 0) {
  console.error('nothing has been counted yet: npm run test:fault');
  process.exit(1);
}

const machine = `Counted with Node ${process.versions.node} on Linux ${release().replace(/-.*$/, '')}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB.`;
const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
const sections = files.map((file) => {
  const { title, about, command, rows, skipped } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const table = [
    '| what | count |',
    '| --- | ---: |',
    ...rows.map(({ what, value }) => `| ${cell(what)} | ${cell(typeof value === 'number' ? value.toLocaleString('en') : value)} |`),
  ];
  const found = skipped === null ? table.join('\n') : `Not run here: ${skipped}`;
  return `## ${title}\n\n${about}\n\n\`\`\`sh\n${command}\n\`\`\`\n\n${found}\n`;
});
writeFileSync(join(root, 'docs/reliability.md'), [INTRO, `${machine}\n`, ...sections].join('\n'));
console.log(`docs/reliability.md: ${files.length} suites`);
