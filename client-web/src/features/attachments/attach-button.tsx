import { Paperclip } from 'lucide-react';
import { useEffect, useEffectEvent, useRef } from 'react';

import { texts } from '../../texts/index.ts';
import { IconButton } from '../../ui/button.tsx';
import type { FoundFiles } from './files-in.ts';

export interface AttachButtonProps {
  readonly onFiles: (found: FoundFiles) => void;
  /** Called when the picker was closed without a choice. */
  readonly onCancel: () => void;
}

/** Opens the file picker. */
export function AttachButton({ onFiles, onCancel }: AttachButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  const cancel = useEffectEvent(onCancel);
  useEffect(() => {
    const element = input.current;
    // React has no such event for inputs.
    element?.addEventListener('cancel', cancel);
    return () => element?.removeEventListener('cancel', cancel);
  }, []);
  return (
    <>
      <IconButton
        label={texts.attachments.attach}
        className="composer-attach"
        onClick={() => input.current?.click()}
      >
        <Paperclip size={22} aria-hidden />
      </IconButton>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          currentTarget.value = '';
          if (files.length > 0) onFiles({ files, hasFolders: false });
        }}
      />
    </>
  );
}
