import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { WebSocket, WebSocketServer, type RawData } from 'ws';

import { answerOfRelay, FIREFOX_VARIABLE } from './commands.ts';

/** What Firefox prints when it can be driven. */
const LISTENING = /^WebDriver BiDi listening on (ws:\/\/\S+)/;

const textOf = (data: RawData) => (data as Buffer).toString('utf8');

/** Takes Playwright's connection, connects it with Firefox, and answers what Firefox does not know. */
function relay(firefoxUrl: string): void {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('listening', () => {
    const { port } = server.address() as { port: number };
    console.error(`WebDriver BiDi listening on ws://127.0.0.1:${String(port)}`);
  });
  server.on('connection', (playwright, { url }) => {
    const firefox = new WebSocket(`${firefoxUrl}${url ?? ''}`, { perMessageDeflate: false });
    const early: string[] = [];
    playwright.on('message', (data) => {
      const message = textOf(data);
      const answer = answerOfRelay(message);
      if (answer !== undefined) playwright.send(answer);
      else if (firefox.readyState === WebSocket.CONNECTING) early.push(message);
      else firefox.send(message);
    });
    firefox.on('open', () => early.forEach((message) => firefox.send(message)));
    firefox.on('message', (data) => playwright.send(textOf(data)));
    firefox.on('error', (error) => console.error(error));
    firefox.on('close', () => playwright.close());
    playwright.on('close', () => firefox.close());
  });
}

const firefox = spawn(process.env[FIREFOX_VARIABLE] ?? 'firefox', process.argv.slice(2), {
  stdio: ['ignore', 'inherit', 'pipe'],
});
createInterface(firefox.stderr).on('line', (line) => {
  const url = LISTENING.exec(line)?.[1];
  if (url === undefined) console.error(line);
  else relay(url);
});
firefox.once('error', (error) => {
  console.error(error);
  process.exit(1);
});
firefox.once('exit', (code) => process.exit(code ?? 1));
process.once('SIGTERM', () => firefox.kill());
