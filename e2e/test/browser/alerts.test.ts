import assert from 'node:assert/strict';

import { useApp } from '../support/app.ts';
import { findingsInBothThemes } from '../support/axe.ts';
import { openChat, openFromList, rowOf, say, sees, type Someone } from '../support/browser.ts';

/** A browser that has not been asked yet, whose user agrees, and that counts its sounds. As text: see `push.test.ts`. */
const UNASKED = `
  globalThis.sounds = 0;
  globalThis.asked = 0;
  globalThis.AudioContext = class extends AudioContext {
    constructor() {
      super();
      sounds += 1;
    }
  };
  let permission = 'default';
  globalThis.Notification = class {
    static get permission() {
      return permission;
    }
    static async requestPermission() {
      asked += 1;
      permission = 'granted';
      return permission;
    }
    close() {}
  };
`;

interface Counts {
  readonly sounds: number;
  readonly asked: number;
}

describe('alerts', () => {
  const app = useApp();
  let ann: Someone;
  let ben: Someone;
  let cem: Someone;
  const counts = () =>
    ann.page.evaluate(() => {
      const { sounds, asked } = globalThis as unknown as Counts;
      return { sounds, asked };
    });
  const offer = () => ann.page.getByText('Do you want to be notified');
  /** Each test ends with a message that sounds, so that what came before it has been decided. */
  const sounds = (count: number) =>
    ann.page.waitForFunction(
      (wanted) => (globalThis as unknown as Counts).sounds === wanted,
      count,
    );

  before(async () => {
    [ann, ben, cem] = await Promise.all([app.enter('Ann'), app.enter('Ben'), app.enter('Cem')]);
    await ann.context.addInitScript({ content: UNASKED });
    await ann.page.reload();
    await ann.page.getByText('No conversations yet').waitFor();
    for (const peer of [ben, cem]) {
      await openChat(ann, peer);
      await say(ann, `Hello ${peer.name}`);
      await openFromList(peer, 'Ann');
      await sees(peer, `Hello ${peer.name}`);
      await ann.page.goto(app.origin);
    }
    await openFromList(ann, 'Cem');
  });

  it('are not offered at the start, but after the first message of somebody else', async () => {
    assert.equal(await offer().count(), 0);
    await say(cem, 'Hello Ann');
    await offer().waitFor();
    assert.deepEqual(await findingsInBothThemes(ann.page), []);
    assert.equal((await counts()).asked, 0);
  });

  it('sound for other conversations while the page is in view, and not for the one that is read', async () => {
    const before = (await counts()).sounds;
    await say(cem, 'You are reading this');
    await sees(ann, 'You are reading this');
    await say(ben, 'You are not reading this');
    await sounds(before + 1);
  });

  it('are offered no more once the offer is dismissed', async () => {
    await ann.page.getByRole('button', { name: 'Not now' }).click();
    await offer().waitFor({ state: 'detached' });
    await ann.page.reload();
    await rowOf(ann, 'Cem').waitFor();
    await say(ben, 'Once more');
    await rowOf(ann, 'Ben').getByText('Once more').waitFor();
    await sounds(1);
    assert.equal(await offer().count(), 0);
    assert.equal((await counts()).asked, 0);
  });

  it('do not sound for a muted conversation', async () => {
    const row = rowOf(ann, 'Ben').locator('..');
    await row.getByRole('button', { name: 'Conversation options' }).press('Enter');
    await ann.page.getByRole('menuitem', { name: 'Mute', exact: true }).press('Enter');
    await ann.page.getByRole('menuitem', { name: '1 hour' }).press('Enter');
    await rowOf(ann, 'Ben')
      .getByRole('img', { name: /^Muted/ })
      .waitFor();
    await openFromList(ann, 'Ben');
    await ann.page.goto(app.origin);
    await rowOf(ann, 'Ben').waitFor();
    await say(ben, 'Psst');
    await rowOf(ann, 'Ben').getByText('Psst').waitFor();
    await say(cem, 'Not muted');
    await sounds(1);
  });

  it('do not sound when the sound is off', async () => {
    await ann.page.getByRole('button', { name: 'Settings' }).click();
    await ann.page.getByRole('button', { name: 'Notifications' }).click();
    await ann.page.getByRole('switch', { name: 'Sound', checked: true }).click();
    await ann.page.getByRole('button', { name: 'Back' }).click();
    await ann.page.getByRole('button', { name: 'Back' }).click();
    await say(cem, 'Silent');
    await rowOf(ann, 'Cem').getByText('Silent').waitFor();
    await ann.page.getByRole('button', { name: 'Settings' }).click();
    await ann.page.getByRole('button', { name: 'Notifications' }).click();
    await ann.page.getByRole('switch', { name: 'Sound', checked: false }).click();
    // A new page: sounds that follow closely are one.
    await ann.page.goto(app.origin);
    await rowOf(ann, 'Cem').waitFor();
    await say(cem, 'Loud');
    await sounds(1);
  });

  it('are turned on by the offer', async () => {
    const dee = await app.enter('Dee');
    await dee.context.addInitScript({ content: UNASKED });
    await dee.page.reload();
    await dee.page.getByText('No conversations yet').waitFor();
    await ben.page.goto(app.origin);
    await openChat(ben, dee);
    await say(ben, 'Hello Dee');
    await dee.page.getByRole('button', { name: 'Turn on' }).press('Enter');
    await dee.page.getByText('Do you want to be notified').waitFor({ state: 'detached' });
    await dee.page.getByRole('button', { name: 'Settings' }).click();
    await dee.page.getByRole('button', { name: 'Notifications' }).click();
    await dee.page
      .getByRole('switch', { name: 'Notifications on this device', checked: true })
      .waitFor();
  });
});
