import assert from 'node:assert/strict';

import { useApp } from '../support/app.ts';
import { findingsInBothThemes } from '../support/axe.ts';
import {
  composer,
  messages,
  openChat,
  openFromList,
  rowOf,
  say,
  sees,
} from '../support/browser.ts';

const SOURCE = [
  '*Bold* and _italic_ and ~gone~, `code *x*`',
  '> a quote',
  '- one',
  '- two https://a.example/x_y',
  '1. first',
  '```',
  'if (a) {',
  '    b();',
  '}',
  '```',
  'end *here*',
].join('\n');

describe('formatted messages', () => {
  const app = useApp();

  it('are shown as they are meant, copied as they were written, and previewed without marks', async () => {
    const [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    await openChat(ann, ben);
    await say(ann, SOURCE);
    await openFromList(ben, 'Ann');
    const message = messages(ben, 'Bold');
    await message.locator('strong', { hasText: 'Bold' }).waitFor();
    for (const element of ['em', 's', 'blockquote', 'ul li', 'ol li', 'pre code']) {
      await message.locator(element).first().waitFor();
    }
    assert.equal(await message.locator('pre code').innerText(), 'if (a) {\n    b();\n}');
    await rowOf(ben, 'Ann').getByText('Bold and italic and gone, code *x* a quote • one').waitFor();
    assert.deepEqual(await findingsInBothThemes(ben.page), []);

    const copied = await message.locator('.message-words').evaluate((words) => {
      getSelection()!.selectAllChildren(words);
      const event = new ClipboardEvent('copy', {
        bubbles: true,
        cancelable: true,
        clipboardData: new DataTransfer(),
      });
      words.dispatchEvent(event);
      return event.clipboardData!.getData('text/plain');
    });
    assert.equal(copied, SOURCE);
  });

  it('keep the indentation of their first line', async () => {
    const [cem, dee] = await Promise.all([app.enter('Cem'), app.enter('Dee')]);
    await openChat(cem, dee);
    await say(cem, '\n    indented\n  less  \n');
    await sees(cem, 'indented');
    const words = messages(cem, 'indented').locator('.message-words');
    assert.equal(await words.textContent(), '    indented\n  less');
    await composer(cem).waitFor();
  });
});
