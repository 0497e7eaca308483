import type { AttachmentItem } from '@parley/client-common';
import {
  File,
  FileArchive,
  FileCode,
  FileImage,
  FileMusic,
  FilePlay,
  FileSpreadsheet,
  FileText,
  Presentation,
} from 'lucide-react';

import { fileKind } from './file-kind.ts';
import { useLink } from './use-source.ts';

const ICONS = {
  archive: FileArchive,
  audio: FileMusic,
  code: FileCode,
  document: FileText,
  image: FileImage,
  other: File,
  sheet: FileSpreadsheet,
  slides: Presentation,
  video: FilePlay,
} as const;

/** The thumbnail of a picture that browsers do not show (TIFF, HEIC), otherwise an icon for the kind of file. */
export function FileIcon({ attachment }: { readonly attachment: AttachmentItem }) {
  const { id, thumbnail } = attachment;
  const source = useLink(thumbnail ? id : null, 'thumbnail');
  const kind = fileKind(attachment);
  const Icon = ICONS[kind];
  return (
    <span className={`file-icon file-icon-${kind}`}>
      {source.url === null || source.failed ? (
        <Icon size={22} aria-hidden />
      ) : (
        <img className="file-thumbnail" src={source.url} alt="" onError={source.onError} />
      )}
    </span>
  );
}
