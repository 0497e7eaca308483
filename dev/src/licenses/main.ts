import { fileURLToPath } from 'node:url';

import { readLicenses } from './read-licenses.ts';

const packages = readLicenses(fileURLToPath(new URL('../../..', import.meta.url)));
const refused = packages.filter(({ isAllowed }) => !isAllowed);
const width = Math.max(...packages.map(({ license }) => license.length));
for (const { isAllowed, license, name, version } of packages) {
  const mark = isAllowed ? '' : '  NOT ALLOWED';
  process.stdout.write(`${license.padEnd(width)}  ${name}@${version}${mark}\n`);
}
process.stdout.write(`\n${packages.length} packages, ${refused.length} not allowed\n`);
if (refused.length > 0) {
  process.stderr.write('dev/src/licenses/policy.ts lists the licences that are allowed.\n');
  process.exitCode = 1;
}
