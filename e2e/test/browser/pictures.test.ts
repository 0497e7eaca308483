import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { useApp } from '../support/app.ts';
import {
  closeRoad,
  createGroup,
  messages,
  openFromList,
  openRoad,
  say,
  sees,
  startChat,
  type Someone,
} from '../support/browser.ts';
import { bits, drawn, noise, pick, picture, pictures, send } from '../support/files.ts';

const GIF = new URL('../../../messaging/test/support/files/moving.gif', import.meta.url);

/** Lets the page keep what it shows, and loads it again. */
async function reload({ page }: Someone): Promise<void> {
  await page.reload();
  await sees({ page }, 'Hello Ben');
}

describe('pictures in the app', function () {
  this.timeout(120_000);
  const app = useApp({ env: { PARLEY_RATE_LIMITS: 'off' } });
  let ann: Someone;
  let ben: Someone;
  let folder = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-pictures-'));
    [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    await startChat(ann, ben);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('are shown by their thumbnail, also after a reload', async () => {
    await pick(ann, noise('photo.png', 1_000, 600));
    await send(ann, 'the photo');
    await sees(ben, 'the photo');
    const small = { width: 512, height: 307 };
    assert.deepEqual(await drawn(ben, 0), small);
    for (const one of [ben, ann]) {
      await reload(one);
      await sees(one, 'the photo');
      assert.deepEqual(await drawn(one, 0), small);
    }
  });

  it('move if they are GIFs, before a reload and after it', async () => {
    const bytes = await readFile(GIF);
    await pick(ann, { name: 'moving.gif', mimeType: 'image/gif', buffer: bytes });
    await send(ann, 'the GIF');
    await sees(ben, 'the GIF');
    for (const again of [false, true]) {
      if (again) await reload(ben);
      await drawn(ben, 1);
      const type = await pictures(ben)
        .nth(1)
        .locator('img')
        .evaluate(async (image: HTMLImageElement) => {
          const answer = await fetch(image.src);
          return (await answer.blob()).type;
        });
      assert.equal(type, 'image/gif');
    }
  });

  it('are sent without the place where they were taken, unless the user wants it', async () => {
    const place = '+52.5200+013.4050/';
    const head = '\0\0\0\u0034moov\0\0\0\u002cudta\0\0\0\u0024\u00a9xyz\0\u0012\u0015\u00c7';
    const film = Buffer.from(`${head}${place}\0\0\0\0\0\0`, 'latin1');
    for (const [caption, keeps] of [
      ['no place', false],
      ['with place', true],
    ] as const) {
      await pick(ann, { name: `${caption}.mov`, mimeType: 'video/quicktime', buffer: film });
      const choice = ann.page.getByRole('switch', { name: 'Remove location' });
      assert.equal(await choice.isChecked(), true);
      if (keeps) await choice.uncheck();
      await send(ann, caption);
      await sees(ben, caption);
      const card = ben.page.locator('.file-card', { hasText: `${caption}.mov` });
      const arriving = ben.page.waitForEvent('download');
      await card.getByRole('button', { name: /^Download/ }).click();
      const bytes = await readFile(await (await arriving).path());
      assert.equal(bytes.length, film.length);
      assert.equal(bytes.includes(place), keeps);
    }
  });

  it('above 50 megapixels are loaded when they are asked for', async () => {
    const rows = Buffer.alloc(8_000 * (1 + 8_000 / 8));
    const { width, height } = { width: 8_000, height: 8_000 };
    await pick(ann, {
      name: 'huge.png',
      mimeType: 'image/png',
      buffer: bits({ width, height, rows }),
    });
    await send(ann, 'the huge one');
    await sees(ben, 'the huge one');
    const held = ben.page.getByRole('button', {
      name: /^Very large picture, 8,000 × 8,000 pixels/,
    });
    await held.waitFor();
    const before = await pictures(ben).count();
    await held.click();
    await drawn(ben, before);
  });

  it('and other files that were deleted after they were picked hold nothing back', async () => {
    const path = join(folder, 'deleted.bin');
    await writeFile(path, randomBytes(1_000));
    await pick(ann, path);
    await rm(path);
    await send(ann, 'the deleted one');
    await say(ann, 'after the deleted one');
    await sees(ben, 'after the deleted one');
    await ann.page.getByText('Choose this file again to continue.').waitFor();
    assert.equal(await messages(ben, 'the deleted one').count(), 1);
    await messages(ann, 'the deleted one').first().hover();
    await ann.page.getByRole('button', { name: 'Discard' }).click();
  });

  it('are sent without the folder that was dropped with them', async () => {
    const inside = join(folder, 'album');
    await mkdir(inside);
    await writeFile(join(inside, 'inside.txt'), 'inside');
    const drop = await ann.context.newCDPSession(ann.page);
    const data = { items: [], files: [inside], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await drop.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
    }
    await ann.page.getByText('Folders cannot be sent. Choose the files in them.').waitFor();
    assert.equal(await ann.page.getByRole('dialog').count(), 0);
  });
});

describe('pictures that were sent together', function () {
  this.timeout(120_000);
  const app = useApp({ env: { PARLEY_RATE_LIMITS: 'off' } });

  it('stand in two columns, at any width and for both', async () => {
    const [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    const { page } = ann;
    await startChat(ann, ben);
    const sizes = [300, 200, 120, 400, 90];
    await pick(
      ann,
      sizes.map((size) => picture(`${size}.png`, size, 180)),
    );
    await send(ann);
    await pictures(ben)
      .nth(sizes.length - 1)
      .waitFor();
    for (const viewport of [
      { width: 360, height: 740 },
      { width: 1280, height: 720 },
    ]) {
      for (const one of [ann, ben]) {
        await one.page.setViewportSize(viewport);
        await drawn(one, sizes.length - 1);
        const log = (await one.page.getByRole('log').boundingBox())!;
        const places = await Promise.all(
          sizes.map((_, index) => pictures(one).nth(index).boundingBox()),
        );
        const [first, second, third, fourth, odd] = places.map((place) => place!);
        assert.ok(Math.abs(first!.y - second!.y) < 1);
        assert.ok(Math.abs(third!.y - fourth!.y) < 1);
        assert.ok(first!.x + first!.width < second!.x);
        assert.ok(first!.y + first!.height < third!.y);
        assert.ok(Math.abs(first!.x - third!.x) < 1 && Math.abs(first!.width - third!.width) < 1);
        assert.ok(Math.abs(first!.width - first!.height) < 1);
        assert.ok(fourth!.y + fourth!.height < odd!.y);
        assert.ok(Math.abs(odd!.x - first!.x) < 1);
        assert.ok(Math.abs(odd!.x + odd!.width - (second!.x + second!.width)) < 1);
        assert.ok(first!.x >= log.x && second!.x + second!.width <= log.x + log.width);
      }
    }
    // Each can be opened, and has its own menu, also the one below the row of its neighbour.
    await pictures(ann).first().click();
    await page.getByRole('dialog', { name: 'Image viewer' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await pictures(ann).first().click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Delete for everyone' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('You deleted this message').last().waitFor();
    assert.equal(await pictures(ann).count(), sizes.length - 1);
  });

  /** The columns in which the pictures of a page stand; `whole`: nothing stands beside it. */
  const columns = async (one: Someone, count: number) => {
    await pictures(one)
      .nth(count - 1)
      .waitFor();
    const places = await Promise.all(
      Array.from({ length: count }, (_, index) => pictures(one).nth(index).boundingBox()),
    );
    return places.map((place) => {
      const isBeside = (other: typeof place) =>
        other !== place && Math.abs(other!.y - place!.y) < 1 && other!.x !== place!.x;
      const neighbour = places.find(isBeside);
      if (neighbour === undefined) return 'whole';
      return place!.x < neighbour!.x ? 'left' : 'right';
    });
  };
  const GIVEN = [1, 2, 3].map((number) => picture(`${number}.png`, 300, 200 + number));

  it('close the gap of one that is deleted, for both', async () => {
    const [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    await startChat(ann, ben);
    await pick(ann, GIVEN);
    await send(ann);
    for (const one of [ann, ben]) {
      assert.deepEqual(await columns(one, 3), ['left', 'right', 'whole']);
    }
    await pictures(ann).nth(1).click({ button: 'right' });
    await ann.page.getByRole('menuitem', { name: 'Delete for everyone' }).click();
    await ann.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    for (const one of [ann, ben]) {
      await one.page
        .getByText(/deleted/)
        .first()
        .waitFor();
      const sizes = await Promise.all(
        [0, 1].map(async (index) => (await pictures(one).nth(index).boundingBox())!),
      );
      // Each stands alone now: the deleted message is between them.
      assert.ok(sizes[0]!.y + sizes[0]!.height < sizes[1]!.y);
    }
  });

  it('stand so in a group, below the name of who sent them', async () => {
    const [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    await createGroup(ann, 'Pictures', ben);
    await openFromList(ben, 'Pictures');
    await pick(ann, GIVEN);
    await send(ann);
    assert.deepEqual(await columns(ann, 3), ['left', 'right', 'whole']);
    // The first bears the name and takes the whole width.
    assert.deepEqual(await columns(ben, 3), ['whole', 'left', 'right']);
    await messages(ben, 'Ann').first().locator('.bubble-sender').waitFor();
    assert.equal(await ben.page.locator('.bubble-sender').count(), 1);
  });

  it('stand so while they wait to be sent, and are the same afterwards', async () => {
    const [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    await startChat(ann, ben);
    await closeRoad(ann.context);
    await ann.context.setOffline(true);
    await pick(ann, GIVEN.slice(0, 2));
    await send(ann);
    assert.deepEqual(await columns(ann, 2), ['left', 'right']);
    await openRoad(ann.context);
    await ann.context.setOffline(false);
    for (const one of [ann, ben]) assert.deepEqual(await columns(one, 2), ['left', 'right']);
  });

  it('and one with a text do not stand beside the text', async () => {
    const [ann, ben] = await Promise.all([app.enter('Ann'), app.enter('Ben')]);
    await startChat(ann, ben);
    await pick(ann, GIVEN);
    await send(ann, 'all three');
    for (const one of [ann, ben]) {
      await sees(one, 'all three');
      const found = await columns(one, 3);
      const caption = await messages(one, 'all three').locator('.message-words').boundingBox();
      for (let index = 0; index < 3; index += 1) {
        const place = (await pictures(one).nth(index).boundingBox())!;
        const isApart =
          place.y + place.height <= caption!.y || caption!.y + caption!.height <= place.y;
        assert.ok(isApart, found.join(' '));
      }
    }
  });
});
