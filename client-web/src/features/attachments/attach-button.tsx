import { Paperclip } from 'lucide-react';
import { useRef } from 'react';

import { texts } from '../../texts/index.ts';
import { IconButton } from '../../ui/button.tsx';
import type { FoundFiles } from './files-in.ts';

/** Opens the file picker. */
export function AttachButton({ onFiles }: { readonly onFiles: (found: FoundFiles) => void }) {
  const input = useRef<HTMLInputElement>(null);
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
