import type { ConversationHandle, ConversationSummary } from '@parley/client-common';
import { LogOut } from 'lucide-react';
import { useState } from 'react';

import { useNavigation } from '../../services.ts';
import { HOME } from '../../route.ts';
import { texts } from '../../texts/index.ts';
import { Confirm } from '../../ui/dialog.tsx';
import { errorText } from '../../ui/error-text.ts';
import { useNotice } from '../../ui/notice.tsx';
import { conversationName } from '../people/person-name.ts';

export interface LeaveButtonProps {
  readonly handle: ConversationHandle;
  readonly info: ConversationSummary;
}

/** Leaves a group after confirmation. */
export function LeaveButton({ handle, info }: LeaveButtonProps) {
  const navigation = useNavigation();
  const { say } = useNotice();
  const [asking, setAsking] = useState(false);
  const leave = async () => {
    try {
      await handle.leave();
      navigation.replace(HOME);
    } catch (error) {
      say(errorText(error));
    }
  };
  return (
    <>
      <button type="button" className="person leave" onClick={() => setAsking(true)}>
        <span className="person-icon">
          <LogOut size={20} aria-hidden />
        </span>
        <span className="person-name">{texts.details.leave}</span>
      </button>
      {asking && (
        <Confirm
          title={texts.details.leaveTitle(conversationName(info))}
          message={texts.details.leaveMessage}
          action={texts.details.leaveAction}
          onConfirm={() => void leave()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
