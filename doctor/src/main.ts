import { parseArgs } from 'node:util';

import { isServiceName, processEnvironment } from './config.ts';
import { examine } from './doctor.ts';
import { asJson, asText, isWell } from './report.ts';

const USAGE = 'Usage: npm run doctor -- [auth] [messaging] [web] [--json]';

/** The arguments, or undefined if they are not usable. */
function readArguments() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
    const services = positionals.filter(isServiceName);
    return services.length === positionals.length ? { services, json: values.json } : undefined;
  } catch {
    return undefined;
  }
}

const given = readArguments();
if (given === undefined) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
} else {
  const findings = await examine({ env: processEnvironment(), services: given.services });
  const report = given.json ? asJson(findings) : asText(findings);
  // A check that timed out may keep the process alive.
  process.stdout.write(`${report}\n`, () => process.exit(isWell(findings) ? 0 : 1));
}
