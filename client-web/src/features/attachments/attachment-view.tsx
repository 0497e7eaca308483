import './attachments.css';

import type { AttachmentItem, MessageItem, UploadProgress } from '@parley/client-common';
import { isolate } from '@parley/common';
import { Download, ImageOff } from 'lucide-react';
import { type ReactNode, useState } from 'react';

import { useClient } from '../../client-context.ts';
import { texts } from '../../texts/index.ts';
import { clockText } from '../../ui/time-text.ts';
import { useNotice } from '../../ui/notice.tsx';
import { useTimelineActions } from '../timeline/timeline-context.ts';
import { attachmentText, sizeText } from './attachment-text.ts';
import { FileIcon } from './file-icon.tsx';
import { extensionOf, splitName } from './file-kind.ts';
import { HeavyPicture, isHeavy } from './heavy-picture.tsx';
import { useLightbox } from './lightbox-context.ts';
import { mediaBox } from './media-box.ts';
import { AudioPlayer } from './player/audio-player.tsx';
import { VideoPlayer } from './player/video-player.tsx';
import { saveFile } from './save-file.ts';
import { UploadRing } from './upload-ring.tsx';
import { useLink, useOwnFile, usePictureLink } from './use-source.ts';
import { useVariant } from './use-variant.ts';

export interface AttachmentViewProps {
  readonly item: MessageItem;
  readonly attachment: AttachmentItem;
}

/** The file of a message: a picture, a player, or a card. */
export function AttachmentView(props: AttachmentViewProps) {
  switch (props.attachment.kind) {
    case 'image':
      return <Picture {...props} />;
    case 'video':
      return <Video {...props} />;
    case 'audio':
      return <Sound {...props} />;
    case 'file':
      return <FileCard {...props} />;
  }
}

function uploadOf({ delivery }: MessageItem): UploadProgress | null {
  return delivery !== null && 'upload' in delivery ? (delivery.upload ?? null) : null;
}

/** The progress ring of an upload; renders nothing once the file is stored. */
function Progress({ item }: { readonly item: MessageItem }): ReactNode {
  const { handle } = useTimelineActions();
  const upload = uploadOf(item);
  if (upload === null) return null;
  return <UploadRing upload={upload} onCancel={() => handle.discard(item.clientId)} />;
}

interface FrameProps extends AttachmentViewProps {
  readonly children: ReactNode;
}

/** Reserves the space of a picture or video before it has loaded. */
function Frame({ item, attachment, children }: FrameProps) {
  const { width, height } = mediaBox(attachment.width, attachment.height);
  const style = { inlineSize: width, aspectRatio: `${String(width)} / ${String(height)}` };
  return (
    <div className="media" style={style}>
      {children}
      <Progress item={item} />
    </div>
  );
}

/** Replaces a picture that cannot be shown. */
function Gone({ text = texts.attachments.gone }: { readonly text?: string }) {
  return (
    <span className="media-gone">
      <ImageOff size={22} aria-hidden /> {text}
    </span>
  );
}

function Picture({ item, attachment }: AttachmentViewProps) {
  const { handle, nameOf } = useTimelineActions();
  const lightbox = useLightbox();
  const own = useOwnFile(item, handle.id);
  const variant = useVariant(attachment, item.at);
  const [asked, setAsked] = useState(false);
  const isHeld = !asked && isHeavy(attachment);
  const source = usePictureLink(own === null && !isHeld ? attachment.id : null, variant);
  const url = own ?? source.url;
  const what = attachmentText(attachment);
  // Set when an own file cannot be displayed as a picture, whatever its name says.
  const [broken, setBroken] = useState(false);
  const isGone = own === null ? source.failed : broken;
  const label = `${what}, ${item.own ? texts.common.you : isolate(nameOf(item.senderId))}, ${clockText(item.at)}`;
  if (isHeld) {
    return (
      <Frame item={item} attachment={attachment}>
        <HeavyPicture attachment={attachment} onShow={() => setAsked(true)} />
      </Frame>
    );
  }
  return (
    <Frame item={item} attachment={attachment}>
      {isGone ? (
        <Gone {...(broken ? { text: attachment.name } : {})} />
      ) : (
        <button
          type="button"
          className="media-open"
          aria-label={texts.attachments.open(label)}
          disabled={attachment.id === null}
          tabIndex={attachment.id === null ? -1 : 0}
          onClick={() => lightbox.open(item.key)}
        >
          {url !== null && (
            <img
              src={url}
              alt=""
              draggable={false}
              onError={own === null ? source.onError : () => setBroken(true)}
            />
          )}
        </button>
      )}
    </Frame>
  );
}

function Video({ item, attachment }: AttachmentViewProps) {
  const { handle } = useTimelineActions();
  const own = useOwnFile(item, handle.id);
  const source = useLink(own === null ? attachment.id : null);
  return (
    <Frame item={item} attachment={attachment}>
      {source.failed && own === null ? (
        <Gone />
      ) : (
        <VideoPlayer name={attachment.name} source={{ ...source, url: own ?? source.url }} />
      )}
    </Frame>
  );
}

function Sound({ item, attachment }: AttachmentViewProps) {
  const { handle } = useTimelineActions();
  const own = useOwnFile(item, handle.id);
  const source = useLink(own === null ? attachment.id : null);
  return (
    <div className="sound">
      <div className="file-line">
        <Progress item={item} />
        <span className="file-name truncate">
          <bdi>{attachment.name}</bdi>
        </span>
      </div>
      <AudioPlayer name={attachment.name} source={{ ...source, url: own ?? source.url }} />
    </div>
  );
}

function FileCard({ item, attachment }: AttachmentViewProps) {
  const { uploads } = useClient();
  const { attempt } = useNotice();
  const { name, size, id } = attachment;
  const upload = uploadOf(item);
  return (
    <div className="file-card">
      {upload === null ? <FileIcon attachment={attachment} /> : <Progress item={item} />}
      <span className="file-words">
        <FileName name={name} />
        <span className="file-size">
          {progressText(upload) ?? [extensionOf(name), sizeText(size)].filter(Boolean).join(' · ')}
        </span>
      </span>
      {id !== null && uploads !== null && (
        <button
          type="button"
          className="file-save"
          aria-label={texts.attachments.downloadName(name)}
          title={texts.attachments.download}
          onClick={() => attempt(saveFile(uploads, attachment))}
        >
          <Download size={20} aria-hidden />
        </button>
      )}
    </div>
  );
}

/** A name on one line whose middle is cut if it does not fit. */
function FileName({ name }: { readonly name: string }) {
  const [head, tail] = splitName(name);
  return (
    <bdi className="file-name file-name-cut" title={name}>
      <span className="truncate">{head}</span>
      <span>{tail}</span>
    </bdi>
  );
}

function progressText(upload: UploadProgress | null): string | null {
  if (upload === null) return null;
  const { phases } = texts.attachments;
  if (upload.phase !== 'sending') return phases[upload.phase];
  return phases.sending(sizeText(upload.sentBytes), sizeText(upload.size));
}
