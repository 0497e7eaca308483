import assert from 'node:assert/strict';

import { formatRoute, HOME, PANELS, paneOf, parseRoute, type Route } from '../src/route.ts';
import { idOf } from './support/builders.ts';

const parse = (address: string) => {
  const url = new URL(address, 'http://localhost');
  return parseRoute(url.pathname, url.search);
};

describe('routes', () => {
  it('survive a round trip through the address', () => {
    const routes: Route[] = [
      HOME,
      { ...HOME, conversationId: idOf(1) },
      { ...HOME, conversationId: idOf(1), details: true },
      ...PANELS.map((panel) => ({ ...HOME, conversationId: idOf(2), panel })),
    ];
    for (const route of routes) assert.deepEqual(parse(formatRoute(route)), route);
  });

  for (const address of [
    '/x',
    '/c/',
    '/c/../../etc',
    '/c/1',
    '/?panel=nothing',
    '//evil.example',
  ]) {
    it(`fall back to home for ${address}`, () => assert.deepEqual(parse(address), HOME));
  }

  it('determine which pane a narrow window shows', () => {
    assert.equal(paneOf(HOME), 'list');
    assert.equal(paneOf({ ...HOME, conversationId: idOf(1) }), 'conversation');
    assert.equal(paneOf({ ...HOME, conversationId: idOf(1), details: true }), 'details');
    assert.equal(paneOf({ ...HOME, conversationId: idOf(1), panel: 'settings' }), 'list');
  });
});
