import assert from 'node:assert/strict';

import { useApp, type App } from '../support/app.ts';
import {
  composer,
  messages,
  openChat,
  openFromList,
  openRoad,
  closeRoad,
  rowOf,
  say,
  sees,
  textsOf,
  tick,
  type Looking,
  type Someone,
} from '../support/browser.ts';

const OFFLINE = 'You are offline. Messages are sent when you are back.';
const UNREACHABLE = 'Parley cannot be reached. Trying again…';

const WEEK = 7 * 24 * 60 * 60 * 1_000;

/** The texts of a series of messages, in order. */
const series = (name: string, size: number) =>
  Array.from({ length: size }, (_, index) => `${name} ${index + 1}.`);

/** A conversation of two, whose first message was read. */
async function twoTalking(app: App): Promise<[ann: Someone, ben: Someone]> {
  const [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
  await openChat(ann, ben);
  await say(ann, 'Hello Ben');
  await openFromList(ben, 'Ann');
  await tick(ann, 'Hello Ben', 'Read').waitFor();
  return [ann, ben];
}

/** Says the whole series and waits until its last message stands there. */
async function saySeries(one: Looking, texts: readonly string[]): Promise<void> {
  for (const text of texts) await say(one, text);
  await sees(one, texts.at(-1)!);
}

/** Asserts that the open conversation ends with exactly these messages. */
async function endsWith(one: Looking, texts: readonly string[]): Promise<void> {
  await sees(one, texts.at(-1)!);
  assert.deepEqual((await textsOf(one)).slice(-texts.length), texts);
}

/** The device says that it has a network again, so that its client does not wait for the next attempt. */
async function networkIsBack({ page }: Looking): Promise<void> {
  await page.evaluate(() => dispatchEvent(new Event('online')));
}

/** A script that collects what a page warns of: banners, notices, alerts and messages that failed. */
const COLLECT_WARNINGS = `
  globalThis.warnings = new Set();
  new MutationObserver(() => {
    const selector = '.connection-banner, .notice, [role=alert], .failed, [aria-label="Not sent"]';
    for (const each of document.querySelectorAll(selector)) {
      warnings.add(each.textContent || each.getAttribute('aria-label'));
    }
  }).observe(document.body, { childList: true, subtree: true });
`;
/** A busy machine may need seconds for a handshake; that is no fault and is not shown as one. */
const CONNECTING = 'Connecting…';

/** What a page has warned of since `COLLECT_WARNINGS` ran in it. */
async function warningsOf({ page }: Looking): Promise<string[]> {
  const warnings: string[] = await page.evaluate('[...globalThis.warnings]');
  return warnings.filter((text) => text !== CONNECTING);
}

/** A script that sets the clock of a page ahead by the given milliseconds. */
const clockAhead = (by: number) => `
  Date = new Proxy(Date, {
    construct: (target, given) =>
      given.length === 0 ? new target(target.now() + ${by}) : Reflect.construct(target, given),
    get: (target, name) =>
      name === 'now' ? () => target.now() + ${by} : Reflect.get(target, name),
  });
`;

describe('somebody whose network comes and goes', () => {
  const app = useApp();
  let ann: Someone;
  let ben: Someone;

  before(async () => {
    [ann, ben] = await twoTalking(app);
  });

  it('is told, keeps reading, and what was written goes out once and in order', async () => {
    const mine = series('from the tunnel', 8);
    await ann.context.setOffline(true);
    await ann.page.getByText(OFFLINE).waitFor();
    await sees(ann, 'Hello Ben');
    await saySeries(ann, mine);
    await tick(ann, mine[7]!, 'Sending').waitFor();
    assert.equal(await tick(ann, 'from the tunnel', 'Sending').count(), 8);
    await say(ben, 'Where are you?');
    await ann.context.setOffline(false);
    await ann.page.getByText(OFFLINE).waitFor({ state: 'detached' });
    await tick(ann, mine[7]!, 'Read').waitFor();
    await endsWith(ben, ['Where are you?', ...mine]);
    await endsWith(ann, ['Where are you?', ...mine]);
  });

  it('takes a message back that has not been sent yet', async () => {
    await ann.context.setOffline(true);
    await ann.page.getByText(OFFLINE).waitFor();
    await say(ann, 'better not');
    await messages(ann, 'better not').hover();
    await messages(ann, 'better not').getByRole('button', { name: 'Message actions' }).click();
    await ann.page.getByRole('menuitem', { name: 'Cancel sending' }).click();
    await messages(ann, 'better not').waitFor({ state: 'detached' });
    await ann.context.setOffline(false);
    await say(ann, 'much better');
    await sees(ben, 'much better');
    assert.equal(await messages(ben, 'better not').count(), 0);
  });

  it('is told when Parley cannot be reached, and can try again at once', async () => {
    const mine = series('nobody there', 3);
    const missed = series('missed', 12);
    await closeRoad(ann.context);
    await ann.page.reload();
    await ann.page.getByText(UNREACHABLE).waitFor();
    await sees(ann, 'much better');
    await saySeries(ann, mine);
    await tick(ann, mine[2]!, 'Sending').waitFor();
    await saySeries(ben, missed);
    const asked = ann.page.waitForRequest('**/bff/ticket');
    await ann.page.getByRole('button', { name: 'Try now' }).click();
    await asked;
    await openRoad(ann.context);
    await networkIsBack(ann);
    await ann.page.getByText(UNREACHABLE).waitFor({ state: 'detached' });
    await tick(ann, mine[2]!, 'Read').waitFor();
    await endsWith(ben, [...missed, ...mine]);
    await endsWith(ann, [...missed, ...mine]);
    await tick(ben, missed[11]!, 'Read').waitFor();
  });

  it('sees the right times on a device whose clock is a week ahead', async () => {
    const page = await ann.context.newPage();
    await page.addInitScript({ content: clockAhead(WEEK) });
    await page.goto(ann.page.url());
    const ahead = { page };
    await composer(ahead).waitFor();
    await say(ahead, 'What day is it?');
    await tick(ahead, 'What day is it?', 'Read').waitFor();
    await page.getByText('Today', { exact: true }).filter({ visible: true }).first().waitFor();
    const label = await messages(ben, 'What day is it?').getAttribute('aria-label');
    const own = await messages(ahead, 'What day is it?').getAttribute('aria-label');
    assert.equal(own?.replace('You', 'Ann'), label);
    assert.match((await rowOf(ahead, 'Ben').textContent()) ?? '', /\d\d:\d\d/);
    await page.close();
  });
});

describe('people while parts of Parley are killed', () => {
  const app = useApp({ nodes: 2 });
  let ann: Someone;
  let ben: Someone;

  before(async () => {
    [ann, ben] = await twoTalking(app);
  });

  const kill = async (kind: string) => {
    const { stack } = app.parley;
    const parts = stack.parts().filter((part) => part.kind === kind);
    const restarted = parts.map(({ name }) => stack.restarted(name));
    for (const { pid } of parts) process.kill(pid, 'SIGKILL');
    await Promise.all(restarted);
    await Promise.all([ann, ben].map(networkIsBack));
  };

  it('see no warning while the nodes are restarted one after the other', async () => {
    const { stack } = app.parley;
    await Promise.all([ann, ben].map(({ page }) => page.evaluate(COLLECT_WARNINGS)));
    const nodes = stack.parts().filter(({ kind }) => kind === 'messaging');
    const written: string[] = [];
    for (const { name, pid } of nodes) {
      const restarted = stack.restarted(name);
      process.kill(pid, 'SIGTERM');
      const mine = series(`while ${name} stops`, 5);
      for (const text of mine) await say(ann, text);
      await restarted;
      await say(ann, `${name} is back`);
      written.push(...mine, `${name} is back`);
      await tick(ann, `${name} is back`, 'Read').waitFor();
    }
    await endsWith(ann, written);
    await endsWith(ben, written);
    assert.deepEqual((await Promise.all([ann, ben].map(warningsOf))).flat(), []);
  });

  it('lose and double nothing when all messaging nodes die while they write', async () => {
    const [annsBefore, annsAfter] = [series('before', 10), series('after', 10)];
    for (const text of annsBefore) await say(ann, text);
    const restarted = kill('messaging');
    for (const text of annsAfter) await say(ann, text);
    await say(ben, 'I write too');
    await restarted;
    await tick(ann, 'after 10.', 'Read').waitFor();
    await tick(ben, 'I write too', 'Read').waitFor();
    /** What was written in this test. */
    const since = (texts: readonly string[]) => texts.slice(texts.indexOf(annsBefore[0]!));
    for (const one of [ann, ben]) {
      const texts = since(await textsOf(one));
      assert.deepEqual(
        texts.filter((text) => text !== 'I write too'),
        [...annsBefore, ...annsAfter],
      );
      assert.equal(texts.length, 21);
    }
    assert.deepEqual(since(await textsOf(ann)), since(await textsOf(ben)));
  });

  it('go on when the web part dies', async () => {
    const mine = series('without web', 3);
    const restarted = kill('web');
    await saySeries(ann, mine);
    await restarted;
    await tick(ann, mine[2]!, 'Read').waitFor();
    await endsWith(ben, mine);
    await ann.page.reload();
    await endsWith(ann, mine);
  });

  it('go on when auth dies, and stay signed in', async () => {
    const mine = series('without auth', 3);
    const restarted = kill('auth');
    await ann.page.reload();
    await say(ann, mine[0]!);
    await say(ann, mine[1]!);
    await say(ann, mine[2]!);
    await restarted;
    await tick(ann, mine[2]!, 'Read').waitFor();
    await endsWith(ben, mine);
  });
});
