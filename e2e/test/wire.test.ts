import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';

import { testStack, type TestStack } from './support/stack.ts';
import { RecordedConversation } from './support/wire/conversation.ts';

const RECORDING = new URL('support/wire/recording.txt', import.meta.url);

/** Set to write the recording instead of comparing with it. */
const RECORD = process.env['PARLEY_WIRE_RECORD'] === 'on';

describe('the frames of a conversation', function () {
  this.timeout(60_000);
  let parley: TestStack | undefined;
  let conversation: RecordedConversation | undefined;

  before(async () => {
    parley = await testStack();
  });

  after(async () => {
    await conversation?.close();
    await parley?.close();
  });

  it('are byte for byte those of the recording, but for ids, times, tokens and the texts of errors', async () => {
    conversation = new RecordedConversation(parley!.origin);
    await conversation.play();
    const steps = conversation.transcript.steps();
    if (RECORD) await writeFile(RECORDING, steps.join('\n'));
    const recorded = await readFile(RECORDING, 'utf8');
    for (const [index, step] of recorded.split(/\n(?=# )/).entries()) {
      assert.equal(steps[index]?.trimEnd(), step.trimEnd());
    }
    assert.equal(steps.join('\n'), recorded);
  });
});
