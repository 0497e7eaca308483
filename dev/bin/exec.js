#!/usr/bin/env node
/*
 * `exec` for Windows. npm runs scripts through a shell. In a POSIX shell `exec` is built in: the command takes the
 * shell's place, so a signal to npm reaches the command itself, and npm waits until it has stopped. Windows' shell has
 * no such command and finds this one in node_modules/.bin; there Ctrl+C reaches every process of the console anyway.
 */
import { spawn } from 'node:child_process';

const [command = '', ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: 'inherit' });
// The command gets the signal too and decides when to end.
process.on('SIGINT', () => undefined);
child.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 127;
});
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
