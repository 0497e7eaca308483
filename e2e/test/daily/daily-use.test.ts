import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';

import { testMongoUri } from '@parley/backend-common/testing';

import { launchBidiFirefox, type BidiFirefox } from '../support/bidi/launch-firefox.ts';
import { launchBrowser } from '../support/browser.ts';
import {
  leastActions,
  readDailyOptions,
  VARIABLE,
  type DailyOptions,
} from '../support/daily-use/options.ts';
import { useDaily } from '../support/daily-use/run.ts';
import { World } from '../support/daily-use/world.ts';
import { Random } from '../support/faults/random.ts';
import { testStack, type TestStack } from '../support/stack.ts';

const given = process.env[VARIABLE];
const options = given === undefined ? readDailyOptions([]) : (JSON.parse(given) as DailyOptions);

describe(`two people who use the app (seed ${String(options.seed)})`, function () {
  this.timeout(0);
  let parley: TestStack | undefined;
  let chromium: Browser | undefined;
  let firefox: BidiFirefox | undefined;
  let world: World | undefined;

  before(async () => {
    const databaseUri = testMongoUri();
    const env = { PARLEY_RATE_LIMITS: 'off', MONGODB_URI: databaseUri };
    parley = await testStack({ webApp: true, env });
    chromium = await launchBrowser({ complete: true });
    firefox = await launchBidiFirefox();
    const random = new Random(options.seed);
    const browsers = [chromium, firefox.browser] as const;
    world = await World.begin({ browsers, parley, random, databaseUri });
  });

  after(async () => {
    await world?.end();
    await chromium?.close();
    await firefox?.close();
    await parley?.close();
  });

  it('see every word once and in order, and never lose the focus or a draft', async () => {
    const say = (line: string) => console.log(`    ${line}`);
    const tally = await useDaily(world!, options, say);
    tally.lines.forEach(say);
    say(`${String(tally.total)} actions with seed ${String(options.seed)}`);
    const { messages, pages, rows } = world!.compared;
    say(`${messages} messages and ${rows} rows of the list compared, in ${pages} looks at a page`);
    assert.ok(messages > 0 && rows > 0, 'Nothing was compared');
    const written = world!.sent.length;
    assert.ok(written * 20 >= tally.total, `Only ${written} of ${tally.total} actions wrote`);
    const least = leastActions(options);
    assert.ok(tally.total >= least, `${tally.total} actions, and ${least} are expected`);
  });
});
