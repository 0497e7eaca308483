import type { AttachmentItem } from '@parley/client-common';
import { graphemes } from '@parley/common';

/** What a file is to its user; each kind has an icon. */
export type FileKind =
  'archive' | 'audio' | 'code' | 'document' | 'image' | 'other' | 'sheet' | 'slides' | 'video';

const BY_EXTENSION: Readonly<Record<Exclude<FileKind, 'other'>, string>> = {
  archive: '7z apk br bz2 cab deb dmg exe gz iso jar msi pkg rar rpm tar tgz xz zip zst',
  audio: 'aac aiff amr flac m4a m4b mid midi mp3 oga ogg opus wav wma',
  code: 'c cpp cs css go h html ini java js json kt log lua php py rb rs sh sql swift toml ts tsx xml yaml yml',
  document: 'doc docx epub md odt pages pdf ps rtf tex txt',
  image: 'ai avif bmp cr2 dng eps gif heic heif ico jpeg jpg nef png psd raw svg tif tiff webp',
  sheet: 'csv numbers ods tsv xls xlsm xlsx',
  slides: 'key odp ppt pptx',
  video: '3gp avi flv m2ts m4v mkv mov mp4 mpeg mpg ogv webm wmv',
};

/** The extension of a file name in upper case, at most eight letters and digits; '' if there is none. */
export function extensionOf(name: string): string {
  return /[^.]\.([a-z0-9]{1,8})$/iu.exec(name)?.[1]?.toUpperCase() ?? '';
}

/** The kind of a file, by its extension, otherwise by its type. */
export function fileKind({ name, contentType }: Pick<AttachmentItem, 'name' | 'contentType'>) {
  const extension = extensionOf(name).toLowerCase();
  for (const [kind, extensions] of Object.entries(BY_EXTENSION)) {
    if (extension !== '' && extensions.split(' ').includes(extension)) return kind as FileKind;
  }
  const [family] = contentType.split('/', 1);
  if (family === 'audio' || family === 'image' || family === 'video') return family;
  return family === 'text' ? 'document' : 'other';
}

/** The end of a name that stays visible when its middle is cut, in graphemes before the extension. */
const TAIL = 6;

/** A name in two parts, so that a narrow card cuts its middle: the end shows what kind of file it is. */
export function splitName(name: string): readonly [head: string, tail: string] {
  const extension = extensionOf(name);
  const clusters = [...graphemes(name)];
  const tail = Math.min(clusters.length, TAIL + (extension === '' ? 0 : extension.length + 1));
  const at = clusters.length - tail;
  return [clusters.slice(0, at).join(''), clusters.slice(at).join('')];
}
