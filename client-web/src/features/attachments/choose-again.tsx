import { FolderOpen } from 'lucide-react';
import { useRef } from 'react';

import { useClient } from '../../client-context.ts';
import { texts } from '../../texts/index.ts';
import { codeOf, errorText } from '../../ui/error-text.ts';
import { useNotice } from '../../ui/notice.tsx';
import { useTimelineActions } from '../timeline/timeline-context.ts';
import { fileToSend } from './place-setting.ts';

/** Asks the user to choose the file again if it could not be kept across a reload. */
export function ChooseAgain({ clientId }: { readonly clientId: string }) {
  const { handle, write } = useTimelineActions();
  const { uploads } = useClient();
  const { say } = useNotice();
  const input = useRef<HTMLInputElement>(null);
  const provide = async (chosen: File) => {
    try {
      uploads?.provide(handle.id, clientId, await fileToSend(chosen));
      write();
    } catch (error) {
      const isOther = codeOf(error) === 'upload_mismatch';
      say(isOther ? texts.attachments.notTheSame : errorText(error));
    }
  };
  return (
    <>
      <button type="button" className="link-button" onClick={() => input.current?.click()}>
        <FolderOpen size={14} aria-hidden /> {texts.attachments.chooseAgain}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          currentTarget.value = '';
          if (file !== undefined) void provide(file);
        }}
      />
    </>
  );
}
