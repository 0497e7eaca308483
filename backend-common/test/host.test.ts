import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';

import { closeServer, listen, listenForWebSockets } from '@parley/backend-common';
import { HOSTS, rawRequest, statusOf } from '@parley/backend-common/testing';

describe('a server that listens', () => {
  let server: Server;
  let url: string;
  let handled: number;

  before(async () => {
    server = createServer((_request, response) => {
      handled += 1;
      response.end('done');
    });
    listenForWebSockets(server, ({ socket }) => {
      handled += 1;
      socket.end('HTTP/1.1 200 OK\r\n\r\n');
    });
    url = await listen(server, { host: '127.0.0.1', port: 0 });
  });
  beforeEach(() => {
    handled = 0;
  });
  after(() => closeServer(server));

  for (const { lines, status, what } of HOSTS) {
    for (const as of ['request', 'websocket'] as const) {
      it(`answers ${status} to ${what} (${as})`, async () => {
        assert.equal(await statusOf(url, lines, as), status);
        assert.equal(handled, status === 200 ? 1 : 0);
      });
    }
  }

  it('says what is wrong, and closes the connection', async () => {
    const answer = await rawRequest(url, ['GET / HTTP/1.1', 'Host: a', 'Host: b']);
    assert.match(answer, /\r\nconnection: close\r\n/i);
    assert.match(
      answer,
      /"code":"invalid_input".*"detail":"A request needs one valid Host header"/,
    );
  });

  it('answers HTTP/1.0 without a host, but not with two', async () => {
    assert.match(await rawRequest(url, ['GET / HTTP/1.0']), /^HTTP\/1\.1 200 /);
    const two = await rawRequest(url, ['GET / HTTP/1.0', 'Host: a', 'Host: b']);
    assert.match(two, /^HTTP\/1\.1 400 /);
  });
});
