import type { AttachmentItem, MessageItem } from '@parley/client-common';
import { ChevronLeft, ChevronRight, Download, X, ZoomIn, ZoomOut } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';

import { useClient } from '../../client-context.ts';
import { texts } from '../../texts/index.ts';
import { IconButton } from '../../ui/button.tsx';
import { useModal } from '../../ui/dialog.tsx';
import { useNotice } from '../../ui/notice.tsx';
import { fullText } from '../../ui/time-text.ts';
import { useTimelineActions } from '../timeline/timeline-context.ts';
import { HeavyPicture, isHeavy } from './heavy-picture.tsx';
import { saveFile } from './save-file.ts';
import { useLink } from './use-source.ts';
import { useZoom, type View, type Zoom } from './use-zoom.ts';

/** A message with a picture that is stored on the server. */
export type PictureItem = MessageItem & {
  readonly attachment: AttachmentItem & { readonly id: string };
};

export interface LightboxProps {
  readonly pictures: readonly PictureItem[];
  readonly index: number;
  readonly onIndex: (index: number) => void;
  readonly onClose: () => void;
}

/** One picture in full size. Arrow keys change the picture, plus and minus zoom, Esc closes. */
export function Lightbox({ pictures, index, onIndex, onClose }: LightboxProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const zoom = useZoom(stage);
  useModal(ref, () => {
    onClose();
    return true;
  });
  const go = (step: 1 | -1) => {
    if (pictures[index + step] === undefined) return;
    zoom.reset();
    onIndex(index + step);
  };
  const picture = pictures[index];
  if (picture === undefined) return null;
  return (
    <dialog
      ref={ref}
      className="lightbox"
      aria-label={texts.attachments.viewer}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => onKey(event, { go, zoom })}
    >
      <LightboxHead
        picture={picture}
        position={texts.attachments.position(index + 1, pictures.length)}
        zoom={zoom}
        onClose={onClose}
      />
      <div ref={stage} className="lightbox-stage" {...zoom.pointers} onDoubleClick={zoom.toggle}>
        <Large key={picture.key} attachment={picture.attachment} view={zoom.view} />
      </div>
      {picture.text !== null && (
        <p className="lightbox-caption" dir="auto">
          {picture.text}
        </p>
      )}
      {index > 0 && (
        <Arrow side="before" onClick={() => go(-1)}>
          <ChevronLeft className="icon-mirror" size={28} aria-hidden />
        </Arrow>
      )}
      {index < pictures.length - 1 && (
        <Arrow side="after" onClick={() => go(1)}>
          <ChevronRight className="icon-mirror" size={28} aria-hidden />
        </Arrow>
      )}
    </dialog>
  );
}

interface KeyActions {
  readonly go: (step: 1 | -1) => void;
  readonly zoom: Zoom;
}

function onKey(event: KeyboardEvent, { go, zoom }: KeyActions) {
  // The dialog handles Esc itself; the page behind it is inert.
  event.stopPropagation();
  const forward = texts.direction === 'ltr' ? 'ArrowRight' : 'ArrowLeft';
  if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') go(event.key === forward ? 1 : -1);
  else if (event.key === '+' || event.key === '=') zoom.step(1);
  else if (event.key === '-') zoom.step(-1);
  else if (event.key === '0') zoom.reset();
}

interface ArrowProps {
  readonly side: 'before' | 'after';
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function Arrow({ side, onClick, children }: ArrowProps) {
  const label = side === 'before' ? texts.attachments.previous : texts.attachments.next;
  return (
    <IconButton label={label} className={`lightbox-arrow lightbox-${side}`} onClick={onClick}>
      {children}
    </IconButton>
  );
}

interface HeadProps {
  readonly picture: PictureItem;
  readonly position: string;
  readonly zoom: Zoom;
  readonly onClose: () => void;
}

function LightboxHead({ picture, position, zoom, onClose }: HeadProps) {
  const { nameOf } = useTimelineActions();
  const { uploads } = useClient();
  const { attempt } = useNotice();
  const who = picture.own ? texts.common.you : nameOf(picture.senderId);
  return (
    <header className="lightbox-head">
      <div className="lightbox-words">
        <div className="truncate" aria-live="polite">
          <bdi>{who}</bdi> <span className="lightbox-quiet">{position}</span>
        </div>
        <div className="lightbox-quiet truncate">{fullText(picture.at)}</div>
      </div>
      <IconButton
        label={texts.attachments.zoomOut}
        disabled={zoom.view.scale === 1}
        onClick={() => zoom.step(-1)}
      >
        <ZoomOut size={22} aria-hidden />
      </IconButton>
      <IconButton label={texts.attachments.zoomIn} onClick={() => zoom.step(1)}>
        <ZoomIn size={22} aria-hidden />
      </IconButton>
      {uploads !== null && (
        <IconButton
          label={texts.attachments.download}
          onClick={() => attempt(saveFile(uploads, picture.attachment))}
        >
          <Download size={22} aria-hidden />
        </IconButton>
      )}
      <IconButton label={texts.common.close} data-autofocus onClick={onClose}>
        <X size={24} aria-hidden />
      </IconButton>
    </header>
  );
}

interface LargeProps {
  readonly attachment: PictureItem['attachment'];
  readonly view: View;
}

function Large({ attachment, view: { scale, x, y } }: LargeProps) {
  const [asked, setAsked] = useState(() => !isHeavy(attachment));
  const source = useLink(asked ? attachment.id : null);
  if (!asked) return <HeavyPicture attachment={attachment} onShow={() => setAsked(true)} />;
  if (source.failed) return <p role="alert">{texts.attachments.gone}</p>;
  if (source.url === null) return null;
  const transform = `translate(${String(x)}px, ${String(y)}px) scale(${String(scale)})`;
  return (
    <img
      src={source.url}
      alt={attachment.name}
      draggable={false}
      style={{ transform }}
      onError={source.onError}
    />
  );
}
