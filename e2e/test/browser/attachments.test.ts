import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { useApp } from '../support/app.ts';
import { findingsInBothThemes } from '../support/axe.ts';
import {
  composer,
  messages,
  openFromList,
  rowOf,
  say,
  sees,
  startChat,
  type Looking,
  type Someone,
} from '../support/browser.ts';
import { drawn, pick, picture, pictures, send, type Given } from '../support/files.ts';
import {
  openStoreLink,
  uploadUnderWay,
  type StoreLink,
} from '../support/object-store/store-link.ts';

const CLIPS = new URL('../../../messaging/test/support/files/', import.meta.url);
const MB = 1_000_000;
const LARGE = 100 * MB;

/** Drops or pastes files onto the page, as the system would. */
async function hand({ page }: Looking, how: 'drop' | 'paste', given: Given): Promise<void> {
  const data = { ...given, buffer: given.buffer.toString('base64') };
  await page.evaluate(
    ({ way, file }) => {
      const bytes = Uint8Array.from(atob(file.buffer), (letter) => letter.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], file.name, { type: file.mimeType }));
      const common = { bubbles: true, cancelable: true };
      if (way === 'paste') {
        const paste = new ClipboardEvent('paste', { ...common, clipboardData: transfer });
        document.querySelector('textarea')?.dispatchEvent(paste);
      } else {
        for (const name of ['dragover', 'drop']) {
          document.body.dispatchEvent(new DragEvent(name, { ...common, dataTransfer: transfer }));
        }
      }
    },
    { way: how, file: data },
  );
  await page.getByRole('dialog', { name: 'Send 1 file' }).waitFor();
}

/** A WAV file of so many silent seconds, at 8,000 samples of a byte a second. */
function silence(seconds: number): Buffer {
  const rate = 8_000;
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + seconds * rate, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(seconds * rate, 40);
  return Buffer.concat([header, Buffer.alloc(seconds * rate, 128)]);
}

describe('files in the app', function () {
  this.timeout(120_000);
  let store: StoreLink;
  before(async () => {
    store = await openStoreLink();
  });
  const app = useApp({
    get env() {
      return { PARLEY_RATE_LIMITS: 'off', ...store.env };
    },
  });
  let ann: Someone;
  let ben: Someone;
  let folder = '';

  before(async () => {
    store.leadTo(app.parley.stack);
    folder = await mkdtemp(join(tmpdir(), 'parley-files-'));
    [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    await startChat(ann, ben);
  });
  afterEach(() => store.heal());
  after(() => Promise.all([store.close(), rm(folder, { recursive: true, force: true })]));

  it('brings a picture with its caption, in room that was kept for it', async () => {
    await pick(ann, picture('hill.png'));
    await send(ann, 'From the hill');
    await sees(ben, 'From the hill');
    const box = await messages(ben, 'From the hill').locator('.media').boundingBox();
    const { width, height } = await drawn(ben, 0);
    assert.ok(Math.abs(width / height - 640 / 360) < 0.02, `${width} by ${height}`);
    const after = await messages(ben, 'From the hill').locator('.media').boundingBox();
    assert.deepEqual([after?.width, after?.height], [box?.width, box?.height]);
    await rowOf(ben, 'Ann').getByText('Photo · From the hill').waitFor();
  });

  it('takes what is dropped and what is pasted', async () => {
    await hand(ann, 'drop', picture('dropped.png', 300, 300));
    await send(ann, 'dropped');
    await sees(ben, 'dropped');
    await hand(ann, 'paste', picture('pasted.png', 200, 400));
    await send(ann, 'pasted');
    await sees(ben, 'pasted');
    const { width, height } = await drawn(ben, 2);
    assert.ok(Math.abs(width / height - 0.5) < 0.02, `${width} by ${height}`);
  });

  it('sends several files as several messages, the text under the last', async () => {
    const texts = ['one', 'two', 'three'].map((name) => {
      return { name: `${name}.txt`, mimeType: 'text/plain', buffer: Buffer.from(name) };
    });
    await pick(ann, texts);
    await send(ann, 'three notes');
    await sees(ben, 'three notes');
    const names = await ben.page.locator('.file-card .file-name').allTextContents();
    assert.deepEqual(names, ['one.txt', 'two.txt', 'three.txt']);
    await messages(ben, 'three.txt').filter({ hasText: 'three notes' }).waitFor();
  });

  it('saves a file without leaving the page, also when the store refuses', async () => {
    const { page } = ben;
    const note = { name: 'saved.txt', mimeType: 'text/plain', buffer: Buffer.from('saved') };
    await pick(ann, note);
    await send(ann);
    const save = page.getByRole('button', { name: 'Download saved.txt' });
    const closings: string[] = [];
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) closings.push(frame.url());
    });
    const saving = page.waitForEvent('download');
    await save.click();
    assert.equal((await saving).suggestedFilename(), 'saved.txt');
    for (const status of [403, 416, 500, 503]) {
      await page.route(/X-Amz-Signature/, (route) =>
        route.fulfill({
          ...{ status, contentType: 'application/xml', body: '<Error><Code>No</Code></Error>' },
          headers: { 'access-control-allow-origin': '*' },
        }),
      );
      const refusal = page.waitForResponse(/X-Amz-Signature/);
      await save.click();
      assert.equal((await refusal).status(), status);
      await page.getByText('Parley cannot be reached right now.').waitFor();
      await page.unroute(/X-Amz-Signature/);
    }
    await say(ann, 'after the downloads');
    await sees(ben, 'after the downloads');
    assert.deepEqual(closings, []);
  });

  it('shows pictures large, by keyboard alone', async () => {
    const { page } = ben;
    await pictures(ben).first().focus();
    await page.keyboard.press('Enter');
    const viewer = page.getByRole('dialog', { name: 'Image viewer' });
    await viewer.getByText('1 of 3').waitFor();
    await page.keyboard.press('ArrowRight');
    await viewer.getByText('2 of 3').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await viewer.getByText('3 of 3').waitFor();
    const image = viewer.getByRole('img', { name: 'pasted.png' });
    await image.waitFor();
    const before = (await image.boundingBox())!.width;
    await page.keyboard.press('+');
    assert.ok((await image.boundingBox())!.width > before * 1.3);
    await page.keyboard.press('0');
    assert.ok(Math.abs((await image.boundingBox())!.width - before) < 1);
    assert.deepEqual(await findingsInBothThemes(page), []);
    await page.keyboard.press('Escape');
    await viewer.waitFor({ state: 'detached' });
    assert.equal(
      await pictures(ben)
        .first()
        .evaluate((each) => each === document.activeElement),
      true,
    );
  });

  for (const [name, type] of [
    ['clip.mp4', 'video/mp4'],
    ['clip.webm', 'video/webm'],
  ] as const) {
    it(`plays a video where it stands: ${type}`, async () => {
      const buffer = await readFile(new URL(name, CLIPS));
      await pick(ann, { name, mimeType: type, buffer });
      await send(ann, `watch ${name}`);
      await sees(ben, `watch ${name}`);
      const video = messages(ben, `watch ${name}`).locator('video');
      await video.waitFor();
      const room = () => messages(ben, `watch ${name}`).locator('.media').boundingBox();
      const before = await room();
      const played = await video.evaluate(async (element: HTMLVideoElement) => {
        const ended = new Promise((resolve) => element.addEventListener('ended', resolve));
        element.muted = true;
        await element.play();
        await ended;
        return { width: element.videoWidth, height: element.videoHeight, at: element.currentTime };
      });
      assert.ok(played.width > 0 && played.height > 0 && played.at > 0, JSON.stringify(played));
      assert.deepEqual(await room(), before);
      const player = messages(ben, `watch ${name}`).getByRole('group', { name });
      const position = player.getByRole('slider', { name: 'Position' });
      await position.press('Home');
      await video.evaluate((element: HTMLVideoElement) => (element.currentTime = 0));
      await player.getByRole('button', { name: `Play ${name}` }).press('Enter');
      await video.evaluate(
        (element: HTMLVideoElement) =>
          element.ended || new Promise((resolve) => element.addEventListener('ended', resolve)),
      );
      await player.getByRole('button', { name: `Play ${name}` }).waitFor();
    });
  }

  it('plays one sound at a time, at a chosen speed, by keyboard', async () => {
    for (const name of ['one.wav', 'two.wav']) {
      await pick(ann, { name, mimeType: 'audio/wav', buffer: silence(20) });
      await send(ann, `hear ${name}`);
      await sees(ben, `hear ${name}`);
    }
    const player = (name: string) => ben.page.getByRole('group', { name });
    await player('one.wav').getByRole('button', { name: 'Play one.wav' }).press('Enter');
    await player('one.wav').getByRole('button', { name: 'Pause one.wav' }).waitFor();
    const position = player('one.wav').getByRole('slider', { name: 'Position' });
    await position.press('ArrowRight');
    await position.press('ArrowRight');
    await ben.page.waitForFunction(() => document.querySelector('audio')!.currentTime >= 10);
    assert.match((await position.getAttribute('aria-valuetext'))!, /^0:1\d of 0:20$/);
    await player('two.wav').getByRole('button', { name: 'Play two.wav' }).press('Enter');
    await player('one.wav').getByRole('button', { name: 'Play one.wav' }).waitFor();
    await player('two.wav').getByRole('button', { name: 'Speed 1×' }).press('Enter');
    await player('two.wav').getByRole('button', { name: 'Speed 1.5×' }).waitFor();
    assert.deepEqual(
      await player('two.wav')
        .locator('audio')
        .evaluate((audio: HTMLAudioElement) => [audio.playbackRate, audio.paused]),
      [1.5, false],
    );
    await player('two.wav').getByRole('button', { name: 'Pause two.wav' }).press('Enter');
    assert.deepEqual(await findingsInBothThemes(ben.page), []);
  });

  it('has nothing for axe to find, with files and before they are sent', async () => {
    assert.deepEqual(await findingsInBothThemes(ben.page), []);
    await pick(ann, [picture('a.png'), picture('b.png')]);
    assert.deepEqual(await findingsInBothThemes(ann.page), []);
    await ann.page.keyboard.press('Escape');
    await ann.page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('brings a file of 100 MB, although the network breaks in the middle', async () => {
    const path = join(folder, 'large.bin');
    const bytes = randomBytes(LARGE);
    await writeFile(path, bytes);
    await pick(ann, path);
    store.slow();
    await send(ann, 'the large one');
    await say(ann, 'after the large one');
    await uploadUnderWay(ann).waitFor();
    await ann.context.setOffline(true);
    store.cut();
    await messages(ann, 'the large one').first().getByText('Waiting…').waitFor();
    assert.equal(await messages(ben, 'after the large one').count(), 0);
    store.heal();
    await ann.context.setOffline(false);
    await messages(ben, 'the large one').first().waitFor({ timeout: 90_000 });
    await sees(ben, 'after the large one');

    const downloading = ben.page.waitForEvent('download');
    await ben.page.getByRole('button', { name: 'Download large.bin' }).click();
    const download = await downloading;
    assert.equal(download.suggestedFilename(), 'large.bin');
    const hash = createHash('sha256');
    for await (const part of createReadStream(await download.path())) hash.update(part as Buffer);
    assert.equal(hash.digest('hex'), createHash('sha256').update(bytes).digest('hex'));
  });

  it('goes on after a reload', async () => {
    const path = join(folder, 'reloaded.bin');
    await writeFile(path, randomBytes(40 * MB));
    await pick(ann, path);
    store.slow();
    await send(ann, 'over a reload');
    await uploadUnderWay(ann).waitFor();
    await ann.page.reload();
    await uploadUnderWay(ann).waitFor();
    store.heal();
    await sees(ann, 'over a reload');
    await messages(ben, 'over a reload').waitFor({ timeout: 90_000 });
  });

  it('can be cancelled on its way, and nothing arrives', async () => {
    const path = join(folder, 'cancelled.bin');
    await writeFile(path, randomBytes(40 * MB));
    await pick(ann, path);
    store.slow();
    await send(ann, 'never sent');
    await uploadUnderWay(ann).click();
    await messages(ann, 'never sent').waitFor({ state: 'detached' });
    store.heal();
    await say(ann, 'sent instead');
    await sees(ben, 'sent instead');
    assert.equal(await messages(ben, 'never sent').count(), 0);
  });

  it('runs nothing of files that could', async () => {
    const script = '<script>globalThis.broken = 1; parent.broken = 1</script>';
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="globalThis.broken=1">${script}</svg>`;
    const hostile: Given[] = [
      { name: 'page.html', mimeType: 'text/html', buffer: Buffer.from(`<!doctype html>${script}`) },
      { name: 'drawing.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(svg) },
    ];
    await pick(ann, hostile);
    await send(ann, 'harmless');
    await sees(ben, 'harmless');
    for (const { name } of hostile) {
      const downloading = ben.page.waitForEvent('download');
      await ben.page.getByRole('button', { name: `Download ${name}` }).click();
      assert.equal((await downloading).suggestedFilename(), name);
    }
    for (const { page } of [ann, ben]) {
      assert.equal(await page.evaluate(() => 'broken' in globalThis), false);
      assert.equal(new URL(page.url()).origin, app.origin);
    }
  });

  it('arrives as a file if it is not the picture that its name says', async () => {
    await pick(ann, { name: 'fake.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
    await send(ann, 'not a picture');
    await sees(ben, 'not a picture');
    await messages(ben, 'not a picture').getByText('fake.png').waitFor();
    assert.equal(await messages(ben, 'not a picture').locator('img').count(), 0);
  });

  it('leaves with its message', async () => {
    await pick(ann, picture('gone.png'));
    await send(ann, 'soon gone');
    await sees(ben, 'soon gone');
    await messages(ann, 'soon gone').hover();
    await messages(ann, 'soon gone').getByRole('button', { name: 'Message actions' }).click();
    await ann.page.getByRole('menuitem', { name: 'Delete for everyone' }).click();
    await ann.page.getByRole('button', { name: 'Delete', exact: true }).click();
    await sees(ben, 'This message was deleted');
    assert.equal(await messages(ben, 'This message was deleted').locator('img').count(), 0);
    await rowOf(ben, 'Ann').getByText('Message deleted').waitFor();
    await composer(ann).focus();
  });

  it('is out of reach for who was removed', async () => {
    const { page } = ann;
    await page.goto(`${app.origin}/?panel=group`);
    await page.getByRole('textbox', { name: 'Group name' }).fill('Files');
    await page.getByRole('searchbox', { name: 'Search people' }).fill(`@${ben.username}`);
    await page.getByRole('checkbox', { name: `@${ben.username}` }).click();
    await page.getByRole('button', { name: 'Create group' }).click();
    await pick(ann, { name: 'inside.txt', mimeType: 'text/plain', buffer: Buffer.from('inside') });
    await send(ann, 'for members');
    await openFromList(ben, 'Files');
    await sees(ben, 'for members');
    const [id] = new URL(ben.page.url()).pathname.split('/').slice(-1);
    const entries = await ben.page.request.get(
      `${app.origin}/bff/api/conversations/${id}/entries`,
      { headers: { 'x-parley': '1' } },
    );
    const list = ((await entries.json()) as { entries: { attachment?: { id: string } | null }[] })
      .entries;
    const attachmentId = list.find(({ attachment }) => attachment)?.attachment?.id;
    const link = () =>
      ben.page.request.get(`${app.origin}/bff/api/attachments/${attachmentId}/url`, {
        headers: { 'x-parley': '1' },
      });
    assert.equal((await link()).status(), 200);
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    await page.getByRole('button', { name: 'Options for Ben' }).click();
    await page.getByRole('menuitem', { name: 'Remove from group' }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await ben.page.getByText('Conversation not found').waitFor();
    assert.equal((await link()).status(), 404);
  });
});
