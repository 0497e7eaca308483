import { userInfo } from 'node:os';

import { processEnvironment } from '../config.ts';
import { runCommand } from './command.ts';

const { code, output } = await runCommand({
  args: process.argv.slice(2),
  env: processEnvironment(),
  operator: userInfo().username,
});
(code === 0 ? process.stdout : process.stderr).write(`${output}\n`);
process.exitCode = code;
