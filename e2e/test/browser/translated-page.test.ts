import assert from 'node:assert/strict';

import { useApp } from '../support/app.ts';
import {
  composer,
  messages,
  openChat,
  openFromList,
  say,
  sees,
  textsOf,
  tick,
  type Looking,
  type Someone,
} from '../support/browser.ts';

/** A script that does to a page what its translation does: each text is moved into an element of its own. */
const TRANSLATE = `
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    const font = document.createElement('font');
    text.replaceWith(font);
    font.append(text);
  }
`;
/** A script that does the same to the elements with the texts of messages, as an extension may. */
const WRAP_ELEMENTS = `
  for (const words of document.querySelectorAll('.message-words')) {
    const font = document.createElement('font');
    words.replaceWith(font);
    font.append(words);
  }
`;

async function deleteMessage(one: Looking, text: string): Promise<void> {
  await messages(one, text).hover();
  await messages(one, text).getByRole('button', { name: 'Message actions' }).click();
  await one.page.getByRole('menuitem', { name: 'Delete for everyone' }).click();
  await one.page.getByRole('button', { name: 'Delete', exact: true }).click();
}

const deleted = (one: Looking) =>
  messages(one, /This message was deleted|You deleted this message/);

describe('a page whose texts something else has moved', () => {
  const app = useApp();
  let ann: Someone;
  let ben: Someone;
  let errors: string[];

  before(async () => {
    [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    await openChat(ann, ben);
    for (const text of ['one', 'two', 'three']) await say(ann, `Message ${text}`);
    await openFromList(ben, 'Ann');
    await sees(ben, 'Message three');
  });
  beforeEach(() => {
    errors = [];
    for (const { page } of [ann, ben]) {
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
    }
  });

  it('is translated, and a message is deleted without an error', async () => {
    for (const { page } of [ann, ben]) await page.evaluate(TRANSLATE);
    await deleteMessage(ann, 'Message one');
    for (const one of [ann, ben]) {
      await deleted(one).waitFor();
      await sees(one, 'Message two');
    }
    await say(ben, 'after the translation');
    await sees(ann, 'after the translation');
    assert.deepEqual(errors, []);
  });

  it('is shown anew where an element is not where it was, with what was being written', async () => {
    for (const { page } of [ann, ben]) await page.evaluate(WRAP_ELEMENTS);
    await composer(ben).fill('a draft');
    await deleteMessage(ann, 'Message two');
    for (const one of [ann, ben]) {
      await deleted(one).nth(1).waitFor();
      await sees(one, 'Message three');
    }
    assert.ok(
      errors.some((text) => text.includes('removeChild')),
      errors.join(),
    );
    assert.equal(await composer(ben).inputValue(), 'a draft');
    await say(ben, 'after the error');
    await tick(ben, 'after the error', 'Read').waitFor();
    const expected = ['', '', 'Message three', 'after the translation', 'after the error'];
    for (const one of [ann, ben]) assert.deepEqual(await textsOf(one), expected);
  });
});
