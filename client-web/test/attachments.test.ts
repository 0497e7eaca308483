import assert from 'node:assert/strict';
import type { AttachmentItem } from '@parley/client-common';

import { contentText, sizeText } from '../src/features/attachments/attachment-text.ts';
import { extensionOf, fileKind, splitName } from '../src/features/attachments/file-kind.ts';
import { filesIn } from '../src/features/attachments/files-in.ts';
import { isHeavy } from '../src/features/attachments/heavy-picture.tsx';
import { mediaBox } from '../src/features/attachments/media-box.ts';
import {
  fileToSend,
  keepPlaceChoice,
  mayNamePlace,
  removesPlace,
} from '../src/features/attachments/place-setting.ts';
import { durationText, lengthText } from '../src/features/attachments/player/duration-text.ts';
import { variantOf } from '../src/features/attachments/use-variant.ts';
import { previewOf } from '../src/features/conversations/preview-text.ts';
import { estimateHeight } from '../src/features/timeline/estimate-height.ts';
import { idOf, message, NOON, summary } from './support/builders.ts';

const file = (change: Partial<AttachmentItem> = {}): AttachmentItem => ({
  id: idOf(9),
  name: 'plan.pdf',
  contentType: 'application/pdf',
  size: 10,
  kind: 'file',
  width: null,
  height: null,
  durationMs: null,
  thumbnail: false,
  ...change,
});

describe('attachment texts', () => {
  it('show the kind or the name of a file, then its caption', () => {
    const said = (kind: AttachmentItem['kind'], text: string | null = null) =>
      contentText({ text, attachment: file({ kind }) });
    assert.deepEqual(
      [said('image'), said('video'), said('audio'), said('file')],
      ['Photo', 'Video', 'Audio', 'plan.pdf'],
    );
    assert.equal(said('image', 'The hill'), 'Photo · The hill');
    assert.equal(contentText({ text: 'alone', attachment: null }), 'alone');
  });

  it('end where a reader sees the end of a character, however long the text is', () => {
    for (const character of ['😀', '👩‍👩‍👧‍👦', '🇺🇦', '1️⃣', 'é', '👍🏽', 'நி']) {
      for (let before = 985; before <= 1_001; before += 1) {
        const text = `${'x'.repeat(before)}${character.repeat(30)}`;
        const said = contentText({ text, attachment: null });
        assert.match(said, new RegExp(`^x+(?:${character})*$`, 'u'), `${character} ${before}`);
        assert.ok(said.length <= 1_000);
      }
    }
  });

  it('appear in the conversation list unless the message is deleted', () => {
    const last = {
      ...{ seq: 1, senderId: idOf(2), own: false, at: NOON, delivery: null },
      ...{ text: null, attachment: file(), deleted: false },
    };
    assert.equal(previewOf(summary(1, { lastMessage: last }), () => '').text, 'plan.pdf');
    const gone = { ...last, attachment: null, deleted: true };
    assert.equal(previewOf(summary(1, { lastMessage: gone }), () => '').text, 'Message deleted');
  });

  it('format file sizes briefly', () => {
    const sizes = [1, 999, 1_000, 64_321, 999_600, 2_400_000, 100_000_000, 2 ** 31];
    assert.deepEqual(sizes.map(sizeText), [
      '1 B',
      '999 B',
      '1 KB',
      '64.3 KB',
      '1 MB',
      '2.4 MB',
      '100 MB',
      '2.1 GB',
    ]);
  });
});

describe('the variant of a picture', () => {
  const photo = (change: Partial<AttachmentItem> = {}) =>
    file({ kind: 'image', contentType: 'image/jpeg', size: 2_000_000, ...change });
  const OLD = 60_000;

  it('is the thumbnail of a large file, which a new message is waited for', () => {
    assert.equal(variantOf(photo({ thumbnail: true }), 0), 'thumbnail');
    assert.equal(variantOf(photo(), 0), null);
    assert.equal(variantOf(photo(), OLD), 'thumbnail');
  });

  it('is the original of a small file, unless there is a thumbnail', () => {
    assert.equal(variantOf(photo({ size: 20_000 }), 0), 'original');
    assert.equal(variantOf(photo({ size: 20_000 }), OLD), 'original');
    assert.equal(variantOf(photo({ size: 20_000, thumbnail: true }), OLD), 'thumbnail');
  });

  it('is the original of a GIF, which moves, whatever else is known of it', () => {
    const moving = { contentType: 'image/gif' };
    for (const thumbnail of [false, true]) {
      for (const age of [0, OLD]) {
        assert.equal(variantOf(photo({ ...moving, thumbnail }), age), 'original');
        assert.equal(variantOf(photo({ ...moving, thumbnail, size: 20_000 }), age), 'original');
      }
    }
    assert.equal(variantOf(photo({ ...moving, size: 20_000_000 }), OLD), 'thumbnail');
  });

  it('is the same live and later for small pictures of types that may move', () => {
    for (const contentType of ['image/webp', 'image/avif']) {
      const sticker = { contentType, width: 512, height: 512, size: 20_000 };
      for (const thumbnail of [false, true]) {
        for (const age of [0, OLD]) {
          assert.equal(variantOf(photo({ ...sticker, thumbnail }), age), 'original');
        }
      }
      const large = { ...sticker, thumbnail: true };
      assert.equal(variantOf(photo({ ...large, size: 300_000 }), OLD), 'thumbnail');
      assert.equal(variantOf(photo({ ...large, width: 9_000, height: 5_000 }), OLD), 'thumbnail');
    }
  });
});

describe('what is dropped', () => {
  const item = (name: string, isDirectory: boolean | null, kind = 'file') => ({
    kind,
    getAsFile: () => (kind === 'file' ? new File(['x'], name) : null),
    webkitGetAsEntry: () => (isDirectory === null ? null : { isDirectory }),
  });
  const drop = (...items: ReturnType<typeof item>[]) => {
    const { files, hasFolders } = filesIn({ items } as unknown as DataTransfer);
    return { names: files.map(({ name }) => name), hasFolders };
  };

  it('is sent without the folders', () => {
    const mixed = drop(item('a.txt', false), item('folder', true), item('', null, 'string'));
    assert.deepEqual(mixed, { names: ['a.txt'], hasFolders: true });
    assert.deepEqual(drop(item('folder', true)), { names: [], hasFolders: true });
    assert.deepEqual(drop(item('a.txt', null)), { names: ['a.txt'], hasFolders: false });
  });
});

describe('media box', () => {
  it('keeps the proportions of a picture within bounds', () => {
    assert.deepEqual(mediaBox(1_600, 900), { width: 320, height: 180 });
    assert.deepEqual(mediaBox(900, 1_700), { width: 180, height: 340 });
    assert.deepEqual(mediaBox(200, 100), { width: 200, height: 100 });
    assert.deepEqual(mediaBox(10_000, 10), { width: 320, height: 70 });
    assert.deepEqual(mediaBox(1, 1), { width: 140, height: 70 });
    assert.deepEqual(mediaBox(null, null), { width: 260, height: 190 });
  });

  it('is included in the estimated row height', () => {
    const attachment = file({ kind: 'image', width: 320, height: 300 });
    const stack = { before: false, after: false, column: 'whole' } as const;
    const row = { kind: 'message', key: 'a', first: true, last: true, stack } as const;
    const item = message(1, { text: null, attachment });
    assert.equal(
      estimateHeight({ ...row, item }, () => 600),
      8 + 306,
    );
  });
});

describe('a very large picture', () => {
  it('is not loaded by itself unless there is a thumbnail', () => {
    const of = (width: number | null, height: number | null, thumbnail = false) =>
      isHeavy({ width, height, thumbnail });
    assert.ok(of(16_000, 16_000) && of(50_000_001, 1) && of(1, 50_000_001));
    assert.ok(!of(16_000, 16_000, true) && !of(10_000, 5_000) && !of(null, null));
  });
});

describe('the place where a file was taken', () => {
  const storage = () => {
    const values = new Map<string, string>();
    return {
      getItem: (key: string) => values.get(key) ?? null,
      setItem: (key: string, value: string) => void values.set(key, value),
      removeItem: (key: string) => void values.delete(key),
    };
  };
  const place = '+52.5200+013.4050/';
  const film = () => {
    const description = Buffer.from(
      `\0\0\0\u0034moov\0\0\0\u002cudta\0\0\0\u0024\u00a9xyz\0\u0012\u0015\u00c7${place}\0\0\0\0\0\0`,
      'latin1',
    );
    return new File([description], 'IMG_1.MOV', { type: 'video/quicktime', lastModified: 7 });
  };

  it('is removed unless the user turned that off on this device', () => {
    const kept = storage();
    assert.equal(removesPlace(kept), true);
    keepPlaceChoice(false, kept);
    assert.equal(removesPlace(kept), false);
    keepPlaceChoice(true, kept);
    assert.equal(removesPlace(kept), true);
  });

  it('leaves the file that is sent, which keeps its name, type, length and time', async () => {
    const file = film();
    const sent = await fileToSend(file, true);
    assert.ok((await file.text()).includes(place) && !(await sent.text()).includes(place));
    const facts = ({ lastModified, name, size, type }: File) => [name, type, size, lastModified];
    assert.deepEqual(facts(sent), facts(file));
    assert.equal(await fileToSend(file, false), file);
  });

  it('is not looked for in vain: other files are sent as they are', async () => {
    const note = new File(['Hello'], 'note.txt', { type: 'text/plain' });
    assert.equal(await fileToSend(note, true), note);
    const unreadable = Object.assign(film(), {
      slice: () => {
        throw new Error('gone');
      },
    });
    assert.equal(await fileToSend(unreadable, true), unreadable);
  });

  it('is offered for pictures and films only', () => {
    const offered = [
      ['a.jpg', 'image/jpeg'],
      ['IMG_1.HEIC', ''],
      ['a.mov', 'video/quicktime'],
    ];
    for (const [name = '', type = ''] of offered) assert.ok(mayNamePlace({ name, type }), name);
    for (const [name = '', type = ''] of [
      ['a.txt', 'text/plain'],
      ['a', ''],
    ]) {
      assert.ok(!mayNamePlace({ name, type }), name);
    }
  });
});

describe('the card of a file', () => {
  const kindOf = (name: string, contentType = 'application/octet-stream') =>
    fileKind({ name, contentType });

  it('has an icon for its kind, by extension or else by type', () => {
    assert.deepEqual(
      ['a.PDF', 'b.tar.gz', 'c.xlsx', 'd.key', 'e.rs', 'f.mkv', 'g.opus', 'h.heic', 'i'].map(
        (name) => kindOf(name),
      ),
      ['document', 'archive', 'sheet', 'slides', 'code', 'video', 'audio', 'image', 'other'],
    );
    assert.equal(kindOf('noname', 'image/x-odd'), 'image');
    assert.equal(kindOf('.bashrc', 'text/plain'), 'document');
  });

  it('shows the extension, if it is one', () => {
    assert.deepEqual(
      ['a.pdf', '.hidden', 'a.', 'v1.2 notes', 'x.tar.gz', 'a.averylongone'].map(extensionOf),
      ['PDF', '', '', '', 'GZ', ''],
    );
  });

  it('cuts a name in the middle, between characters', () => {
    assert.deepEqual(splitName('a long report name.pdf'), ['a long repor', 't name.pdf']);
    for (const name of ['', 'a', 'x.y', '👩‍👧'.repeat(9), 'שלום עולם ארוך.docx']) {
      assert.equal(splitName(name).join(''), name);
    }
    assert.equal(splitName('👩‍👧'.repeat(9))[1], '👩‍👧'.repeat(6));
  });
});

describe('the time of a player', () => {
  it('is shown in minutes and seconds, with hours only if there are some', () => {
    assert.deepEqual([0, 7.9, 60, 754, 3_723, NaN, Infinity, -1].map(durationText), [
      '0:00',
      '0:07',
      '1:00',
      '12:34',
      '1:02:03',
      '0:00',
      '0:00',
      '0:00',
    ]);
  });

  it('shows a second at least as the length of what can be played', () => {
    assert.deepEqual([0.2, 0.99, 1.9, 0, NaN].map(lengthText), [
      '0:01',
      '0:01',
      '0:01',
      '0:00',
      '0:00',
    ]);
  });
});
