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

  for (const [what, addressOf, taken] of [
    ['addresses of one IPv6 network', (at: number) => `2001:db8:1:2::${at.toString(16)}`, 20],
    ['addresses of two IPv6 networks', (at: number) => `2001:db8:1:${at % 2}::9`, 30],
    [
      'forms of one IPv4 address',
      (at: number) =>
        ['192.0.2.1', '::ffff:192.0.2.1', '::FFFF:c000:201', '192.0.2.1:50001'][at % 4]!,
      20,
    ],
    ['two IPv4 addresses', (at: number) => `192.0.2.${at % 2}`, 30],
  ] as const) {
    it(`are limited by what an address belongs to: ${taken} of 30 from ${what}`, async () => {
      const behind = await WebUnderTest.start(
        { PARLEY_TRUSTED_PROXIES: '127.0.0.1' },
        { monotonic: () => 0 },
      );
      try {
        const body = JSON.stringify({ 'csp-report': { 'effective-directive': 'img-src' } });
        const answers = await Promise.all(
          Array.from({ length: 30 }, (_, at) => {
            const headers = { ...HEADERS, 'x-forwarded-for': addressOf(at) };
            return behind.request('/bff/csp-report', { method: 'POST', body, headers });
          }),
        );
        assert.equal(answers.filter(({ status }) => status === 204).length, taken);
      } finally {
        await behind.close();
      }
    });
  }
});
