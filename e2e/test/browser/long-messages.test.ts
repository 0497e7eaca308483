import assert from 'node:assert/strict';

import { useApp } from '../support/app.ts';
import { findingsInBothThemes } from '../support/axe.ts';
import { messages, openChat, say, sees } from '../support/browser.ts';

const linesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => `line ${String(index + 1)}`).join('\n');

/** The place of the focused message once ten frames in a row show it there. As text: see `push.test.ts`. */
const SETTLED_TOP = `(async () => {
  let top = NaN;
  for (let still = 0; still < 10; ) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const now = document.querySelector('.message:focus').getBoundingClientRect().top;
    still = now === top ? still + 1 : 0;
    top = now;
  }
  return top;
})()`;

describe('long messages', () => {
  const app = useApp();

  it('are folded, and unfold without moving what one reads', async () => {
    const [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    await openChat(ann, ben);
    await say(ann, `short\n${linesOf(5)}`);
    await sees(ann, 'short');
    await say(ann, linesOf(334));
    const long = messages(ann, 'line 334');
    const more = long.getByRole('button', { name: 'Read more' });
    await more.waitFor();
    assert.equal(await ann.page.getByRole('button', { name: 'Read more' }).count(), 1);
    assert.deepEqual(await findingsInBothThemes(ann.page), []);
    const folded = (await long.boundingBox())!;
    assert.ok(folded.height < 500, String(folded.height));

    await more.press('Enter');
    await more.waitFor({ state: 'detached' });
    await ann.page.waitForFunction(
      () => document.querySelector('.message:focus')!.getBoundingClientRect().height > 5_000,
    );
    // The list has measured and moved its rows when two frames in a row show the same place.
    const top = await ann.page.evaluate<number>(SETTLED_TOP);
    assert.ok(Math.abs(top - folded.y) < 3, `${String(folded.y)} → ${String(top)}`);
  });
});
