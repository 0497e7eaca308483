import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import { testRedisUrl } from '@parley/backend-common/testing';
import { HOUR, LIMITS, MINUTE } from '@parley/common';

import { call, collected, heard, refusal } from '../support/connections.ts';
import { metric, request } from '../support/http.ts';
import { codeOf, confirm, link, partnerOf } from '../support/partners.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';

describe('linking', function () {
  this.timeout(60_000);
  let stack: TestStack;
  let here: RunningService;
  let there: RunningService;
  let time = Date.now();

  before(async () => {
    stack = await TestStack.create();
    const env = { REDIS_URL: testRedisUrl(), PARLEY_RATE_LIMITS: 'off' };
    here = await stack.node(env, { now: () => time });
    there = await stack.node(env, { now: () => time });
  });
  // Each test has an hour of its own, because all share one address and its limit of wrong codes.
  beforeEach(() => (time += 2 * HOUR));
  after(() => stack.close());

  const people = async (count: number): Promise<[Person, Person, ...Person[]]> =>
    (await Promise.all(Array.from({ length: count }, () => stack.people.create()))) as never;

  it('makes two users partners, and notifies every device of both', async () => {
    const [ann, bo] = await people(2);
    const phone = await stack.connections.open(here.url, ann);
    const laptop = await stack.connections.open(there.url, ann);
    const theirs = await stack.connections.open(there.url, bo);
    const received = [phone, laptop, theirs].map((socket) => heard(socket, 'partner'));
    const { expiresAt, linkCode } = (await call(phone, 'link:create')) as {
      expiresAt: number;
      linkCode: string;
    };
    assert.match(linkCode, /^[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$/);
    assert.equal(expiresAt, time + LIMITS.linkCode);
    const partner = (await call(theirs, 'link:confirm', { linkCode })) as { id: string };
    assert.equal(partner.id, ann.userId);
    const [toPhone, toLaptop, toThem] = await Promise.all(received);
    assert.deepEqual(toPhone, {
      type: 'PARTNER_LINKED',
      partnerId: bo.userId,
      timestamp: toPhone?.timestamp,
    });
    assert.deepEqual(toLaptop, toPhone);
    assert.deepEqual(toThem, { ...toPhone, partnerId: ann.userId });
    const own = await partnerOf(here, ann);
    assert.equal(own?.linkedAt, time);
    assert.equal(own.id, bo.userId);
    assert.equal(own.status, 'AVAILABLE');
    assert.equal(own.timestamp, toPhone.timestamp);
  });

  it('accepts a code in any case and spacing, once', async () => {
    const [ann, bo, cleo] = (await people(3)) as [Person, Person, Person];
    const code = await codeOf(here, ann);
    const typed = ` ${code.replace('-', '').toLowerCase()} `;
    assert.equal(await confirm(there, bo, typed), ann.userId);
    assert.equal(await confirm(there, cleo, code), 'link_code_invalid');
    await request(`${here.url}/partner`, { method: 'DELETE', as: bo });
    assert.equal(await confirm(there, cleo, code), 'link_code_invalid');
  });

  it('accepts only the newest code of a user, for 10 minutes', async () => {
    const [ann, bo] = await people(2);
    const old = await codeOf(here, ann);
    const code = await codeOf(there, ann);
    assert.equal(await confirm(here, bo, old), 'link_code_invalid');
    time += LIMITS.linkCode;
    assert.equal(await confirm(here, bo, code), 'link_code_invalid');
    assert.equal(await partnerOf(here, ann), null);
  });

  it('does not store codes in plain text', async () => {
    const [ann] = await people(1);
    const code = await codeOf(here, ann);
    const stored = JSON.stringify(await stack.mongo.db.collection('link_codes').find().toArray());
    assert.ok(!stored.includes(code.replace('-', '')) && !stored.includes(code));
  });

  it('rejects the code of oneself or of a deleted account', async () => {
    const [ann, bo] = await people(2);
    const code = await codeOf(here, ann);
    assert.equal(await confirm(here, ann, code), 'link_code_invalid');
    await stack.mongo.db
      .collection<{ _id: string }>('users')
      .updateOne({ _id: ann.userId }, { $set: { deletedAt: 1 } });
    time += MINUTE / 6;
    assert.equal(await confirm(here, bo, code), 'link_code_invalid');
  });

  it('refuses a user who has a partner already', async () => {
    const [ann, bo, cleo] = (await people(3)) as [Person, Person, Person];
    const code = await codeOf(here, cleo);
    await link(here, ann, bo);
    assert.equal(await confirm(there, ann, code), 'already_linked');
    assert.equal(await confirm(there, bo, code), 'already_linked');
    const socket = await stack.connections.open(here.url, ann);
    assert.equal(await refusal(socket, 'link:create', {}), 'already_linked');
    assert.equal(await partnerOf(here, cleo), null);
  });

  it('links one of many users who confirm a code at the same time on two nodes', async () => {
    const [ann, ...others] = await people(13);
    const code = await codeOf(here, ann);
    const results = await Promise.all(
      others.map((person, index) => confirm(index % 2 === 0 ? here : there, person, code)),
    );
    assert.equal(results.filter((result) => result === ann.userId).length, 1, String(results));
    const lost = results.filter((result) => result !== ann.userId);
    assert.deepEqual([...new Set(lost)], ['link_code_invalid']);
    const partners = await Promise.all(others.map((person) => partnerOf(there, person)));
    const linked = partners.filter((partner) => partner !== null);
    assert.deepEqual(
      linked.map(({ id }) => id),
      [ann.userId],
    );
  });

  it('gives no user two partners when several codes are confirmed at the same time', async () => {
    for (let round = 0; round < 5; round += 1) {
      time += 2 * HOUR;
      const [ann, bo, cleo, dan] = (await people(4)) as [Person, Person, Person, Person];
      const [ofAnn, ofBo, ofCleo] = await Promise.all(
        [ann, bo, cleo].map((person) => codeOf(here, person)),
      );
      const results = await Promise.all([
        confirm(here, ann, ofBo ?? ''),
        confirm(there, bo, ofAnn ?? ''),
        confirm(here, dan, ofAnn ?? ''),
        confirm(there, ann, ofCleo ?? ''),
        confirm(there, dan, ofCleo ?? ''),
        codeOf(there, cleo),
      ]);
      const everybody = [ann, bo, cleo, dan];
      const partners = await Promise.all(everybody.map((person) => partnerOf(here, person)));
      for (const [index, partner] of partners.entries()) {
        if (partner === null) continue;
        const back = partners[everybody.findIndex(({ userId }) => userId === partner.id)];
        assert.equal(back?.id, everybody[index]?.userId, JSON.stringify(results));
      }
      const stored = await stack.mongo.db
        .collection('partnerships')
        .find({ userIds: { $in: everybody.map(({ userId }) => userId) } })
        .toArray();
      assert.equal(stored.length * 2, partners.filter((partner) => partner !== null).length);
      assert.ok(stored.length >= 1);
      const known = new Set(['link_code_invalid', 'already_linked']);
      const ids = new Set(everybody.map(({ userId }) => userId));
      for (const result of results.slice(0, 5)) assert.ok(known.has(result) || ids.has(result));
    }
  });

  it('ends for both users once, when either of them ends it', async () => {
    const [ann, bo] = await people(2);
    await link(here, ann, bo);
    const mine = await stack.connections.open(here.url, ann);
    const theirs = await stack.connections.open(there.url, bo);
    const [all, others] = [collected(mine, 'partner'), heard(theirs, 'partner')];
    const ends = await Promise.all(
      [ann, bo, ann, bo].map((person, index) =>
        request(`${(index < 2 ? here : there).url}/partner`, { method: 'DELETE', as: person }),
      ),
    );
    assert.deepEqual(
      ends.map(({ status }) => status).sort((one, other) => one - other),
      [204, 404, 404, 404],
    );
    const toThem = await others;
    assert.equal(toThem.type, 'PARTNER_UNLINKED');
    assert.deepEqual(all, [{ ...toThem, partnerId: bo.userId }]);
    assert.equal(await partnerOf(there, ann), null);
    await link(there, bo, ann);
    assert.equal((await partnerOf(here, ann))?.id, bo.userId);
  });

  it('allows 10 wrong codes an hour per user, across nodes and restarts', async () => {
    const [ann, bo, cleo] = (await people(3)) as [Person, Person, Person];
    const code = await codeOf(here, cleo);
    const before = await metric(here.metricsUrl, 'parley_link_confirmations_total', 'wrong');
    const wrongCodes = [
      '2',
      'x'.repeat(32),
      '💥',
      '--------',
      'ABCD-EFGH',
      '0000-0000',
      '7',
      '8',
      '9',
    ];
    const results = await Promise.all(
      wrongCodes.map((wrong, index) => confirm(index % 2 === 0 ? here : there, ann, wrong)),
    );
    assert.deepEqual([...new Set(results)], ['link_code_invalid']);
    const after = await metric(here.metricsUrl, 'parley_link_confirmations_total', 'wrong');
    assert.equal(after - before, 5);
    const again = await stack.node({ REDIS_URL: testRedisUrl() }, { now: () => time });
    assert.equal(await confirm(again, ann, 'WXYZ-WXYZ'), 'link_code_invalid');
    const response = await request(`${again.url}/linking/confirm`, {
      method: 'POST',
      as: ann,
      body: { linkCode: code },
    });
    assert.equal(response.status, 429);
    const { code: refused, retryAfterMs } = response.body as { code: string; retryAfterMs: number };
    assert.equal(refused, 'rate_limited');
    assert.ok(retryAfterMs > 0 && retryAfterMs <= HOUR);
    assert.equal(await confirm(here, bo, code), cleo.userId);
    time += HOUR;
    const dan = await stack.people.create();
    assert.equal(await confirm(there, ann, await codeOf(here, dan)), dan.userId);
  });

  it('allows 100 wrong codes an hour per address', async () => {
    const callers = await people(11);
    const code = await codeOf(here, callers[10]!);
    const results = await Promise.all(
      callers
        .slice(0, 10)
        .flatMap((person) =>
          Array.from({ length: 10 }, (_, index) =>
            confirm(index % 2 === 0 ? here : there, person, `wrong ${index}`),
          ),
        ),
    );
    assert.deepEqual([...new Set(results)], ['link_code_invalid']);
    assert.equal(await confirm(there, await stack.people.create(), code), 'rate_limited');
  });
});
