import { codePoints, isVisible, LIMITS } from '@parley/common';
import { Plus, X } from 'lucide-react';
import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useEffectEvent,
  useRef,
  useState,
} from 'react';

import { texts } from '../../texts/index.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { isEnter } from '../../ui/keys.ts';
import { sizeText } from './attachment-text.ts';
import { ChosenThumbnail } from './chosen-thumbnail.tsx';
import { type Dimensions, measure } from './measure.ts';
import { fileToSend, removesPlace } from './place-setting.ts';
import { PlaceSwitch } from './place-switch.tsx';

/** A file and its dimensions. */
export interface MeasuredFile {
  readonly file: File;
  readonly dimensions: Dimensions;
}

interface Chosen {
  readonly file: File;
  readonly dimensions: Promise<Dimensions>;
}

export interface SendFilesDialogProps {
  readonly files: readonly File[];
  readonly onSend: (files: readonly MeasuredFile[], caption: string) => void;
  readonly onClose: () => void;
  /** Receives the caption when the dialog disappears without being sent or closed, with the conversation around it. */
  readonly onVanish: (caption: string) => void;
}

const isSendable = ({ file }: Chosen) => file.size > 0 && file.size <= LIMITS.attachmentBytes;
/** The number of characters by which a caption is too long; 0 or less if it fits. */
const excessOf = (caption: string) => codePoints(caption) - LIMITS.textMax;
const choose = (file: File): Chosen => ({ file, dimensions: measure(file) });

async function prepare({ dimensions, file }: Chosen, removes: boolean): Promise<MeasuredFile> {
  return { file: await fileToSend(file, removes), dimensions: await dimensions };
}

/** Previews files before they are sent: they can be removed, added, and given a caption. */
export function SendFilesDialog({ files, onSend, onClose, onVanish }: SendFilesDialogProps) {
  const [chosen, setChosen] = useState(() => files.map(choose));
  const [caption, setCaption] = useState('');
  const [busy, setBusy] = useState(false);
  const [removes, setRemoves] = useState(() => removesPlace());
  const isOver = useKeptCaption(caption, onVanish);
  const close = () => {
    isOver.current = true;
    onClose();
  };
  const sendable = chosen.filter(isSendable);
  const ready = sendable.length > 0 && excessOf(caption) <= 0 && !busy;
  const send = async () => {
    setBusy(true);
    const prepared = Promise.all(sendable.map((each) => prepare(each, removes)));
    isOver.current = true;
    onSend(await prepared, isVisible(caption) ? caption.trim() : '');
  };
  const remove = (removed: Chosen) => {
    const rest = chosen.filter((each) => each !== removed);
    if (rest.length === 0) close();
    else setChosen(rest);
  };
  return (
    <Dialog
      title={texts.attachments.sendTitle(chosen.length)}
      onClose={close}
      asks={isVisible(caption) && !busy}
      footer={
        <>
          <AddMore onFiles={(more) => setChosen([...chosen, ...more.map(choose)])} />
          <SendButton busy={busy} ready={ready} onClick={() => void send()} />
        </>
      }
    >
      <ChosenFiles chosen={chosen} onRemove={remove} />
      <PlaceSwitch
        files={sendable.map(({ file }) => file)}
        checked={removes}
        disabled={busy}
        onChange={setRemoves}
      />
      <CaptionField
        value={caption}
        onChange={setCaption}
        onSubmit={ready ? () => void send() : null}
      />
    </Dialog>
  );
}

function SendButton(props: {
  readonly busy: boolean;
  readonly ready: boolean;
  readonly onClick: () => void;
}) {
  const { busy, ready, onClick } = props;
  return (
    <Button variant="primary" disabled={!ready && !busy} busy={busy} onClick={onClick}>
      {busy ? texts.attachments.preparing : texts.attachments.send}
    </Button>
  );
}

/** Gives the caption away if the dialog disappears before the returned flag is set. */
function useKeptCaption(caption: string, onVanish: (caption: string) => void): RefObject<boolean> {
  const isOver = useRef(false);
  const vanish = useEffectEvent(() => {
    if (!isOver.current && isVisible(caption)) onVanish(caption.trim());
  });
  useEffect(() => () => vanish(), []);
  return isOver;
}

interface CaptionFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Called on Enter; `null` while nothing can be sent. */
  readonly onSubmit: (() => void) | null;
}

function CaptionField({ value, onChange, onSubmit }: CaptionFieldProps) {
  const excess = excessOf(value);
  return (
    <>
      <textarea
        className="caption-field scroll"
        rows={1}
        dir="auto"
        data-autofocus
        aria-label={texts.attachments.caption}
        placeholder={texts.attachments.captionPlaceholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (!isSubmit(event) || onSubmit === null) return;
          event.preventDefault();
          onSubmit();
        }}
      />
      {excess > 0 && (
        <p className="composer-over" role="alert">
          {texts.composer.tooLong(excess)}
        </p>
      )}
    </>
  );
}

const isSubmit = (event: KeyboardEvent) => isEnter(event) && !event.shiftKey;

function AddMore({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button
        variant="quiet"
        className="add-more"
        icon={<Plus size={18} aria-hidden />}
        onClick={() => input.current?.click()}
      >
        {texts.attachments.addMore}
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = '';
        }}
      />
    </>
  );
}

interface ChosenFilesProps {
  readonly chosen: readonly Chosen[];
  readonly onRemove: (removed: Chosen) => void;
}

function ChosenFiles({ chosen, onRemove }: ChosenFilesProps) {
  const large = chosen.length === 1;
  return (
    <ul className="chosen-files">
      {chosen.map((each, index) => (
        <ChosenFile key={index} chosen={each} large={large} onRemove={() => onRemove(each)} />
      ))}
    </ul>
  );
}

interface ChosenFileProps {
  readonly chosen: Chosen;
  readonly large: boolean;
  readonly onRemove: () => void;
}

function ChosenFile({ chosen, large, onRemove }: ChosenFileProps) {
  const { file } = chosen;
  const problem = problemOf(file);
  return (
    <li className={large ? 'chosen-file chosen-file-large' : 'chosen-file'}>
      <ChosenThumbnail file={file} />
      <span className="file-words">
        <span className="file-name">
          <bdi>{file.name}</bdi>
        </span>
        {problem === null ? (
          <span className="file-size">{sizeText(file.size)}</span>
        ) : (
          <span className="chosen-problem">{problem}</span>
        )}
      </span>
      <IconButton label={texts.attachments.removeFile(file.name)} onClick={onRemove}>
        <X size={18} aria-hidden />
      </IconButton>
    </li>
  );
}

function problemOf({ size }: File): string | null {
  if (size === 0) return texts.attachments.empty;
  return size > LIMITS.attachmentBytes ? texts.attachments.tooLarge : null;
}
