import assert from 'node:assert/strict';

import { WebUnderTest } from './support/web-under-test.ts';

const HEADERS = { 'content-type': 'application/csp-report' };

describe('reports of the content security policy', () => {
  let web: WebUnderTest;

  beforeEach(async () => {
    web = await WebUnderTest.start({}, { monotonic: () => 0 });
  });

  afterEach(() => web.close());

  const report = (body: string) =>
    web.request('/bff/csp-report', { method: 'POST', body, headers: HEADERS });
  const counted = async (directive: string) =>
    Number(
      new RegExp(`parley_web_csp_reports_total\\{directive="${directive}",.*\\} (\\d+)`).exec(
        await web.metrics(),
      )?.[1] ?? 0,
    );

  it('are counted by directive', async () => {
    const old = { 'csp-report': { 'effective-directive': 'script-src-elem', 'blocked-uri': 'x' } };
    assert.equal((await report(JSON.stringify(old))).status, 204);
    const oldest = { 'csp-report': { 'violated-directive': "img-src 'self'" } };
    assert.equal((await report(JSON.stringify(oldest))).status, 204);
    assert.equal(await counted('script-src-elem'), 1);
    assert.equal(await counted('img-src'), 1);
  });

  it('never become labels with words of a client', async () => {
    const made = { 'csp-report': { 'effective-directive': 'made-up"} 1' } };
    assert.equal((await report(JSON.stringify(made))).status, 204);
    assert.equal(await counted('other'), 1);
    assert.doesNotMatch(await web.metrics(), /made-up/);
  });

  for (const { body, name, status } of [
    { name: 'nothing', body: '', status: 400 },
    { name: 'no JSON', body: '{', status: 400 },
    { name: 'another thing', body: '{"a":1}', status: 400 },
    { name: 'null', body: 'null', status: 400 },
    { name: 'a prototype', body: '{"__proto__":{"csp-report":{}}}', status: 400 },
    { name: 'deep nesting', body: '['.repeat(10_000), status: 400 },
    { name: 'a list', body: '[{}]', status: 400 },
    { name: 'too much', body: JSON.stringify({ a: 'x'.repeat(17_000) }), status: 413 },
  ]) {
    it(`are refused when they are ${name}`, async () => {
      assert.equal((await report(body)).status, status);
    });
  }

  it('are limited per address', async () => {
    const body = JSON.stringify({ 'csp-report': { 'effective-directive': 'img-src' } });
    const answers = await Promise.all(Array.from({ length: 30 }, () => report(body)));
    assert.equal(answers.filter(({ status }) => status === 429).length, 10);
    assert.equal(await counted('img-src'), 20);
  });
});
