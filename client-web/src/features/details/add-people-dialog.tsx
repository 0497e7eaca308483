import '../people/people.css';

import type { ConversationHandle } from '@parley/client-common';
import type { Member, PublicProfile } from '@parley/common/contract';
import { useState } from 'react';

import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { errorText } from '../../ui/error-text.ts';
import { PeoplePicker } from '../people/people-picker.tsx';

export interface AddPeopleDialogProps {
  readonly handle: ConversationHandle;
  readonly members: readonly Member[];
  readonly onClose: () => void;
}

/** Selects users and adds them to a group. */
export function AddPeopleDialog({ handle, members, onClose }: AddPeopleDialogProps) {
  const [chosen, setChosen] = useState<readonly PublicProfile[]>([]);
  const { add, busy, failure } = useAddMembers(handle, onClose);
  return (
    <Dialog
      title={texts.people.addTitle}
      onClose={onClose}
      asks={chosen.length > 0 && !busy}
      footer={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button
            variant="primary"
            busy={busy}
            disabled={chosen.length === 0}
            onClick={() => void add(chosen)}
          >
            {texts.people.add(chosen.length)}
          </Button>
        </>
      }
    >
      <div className="add-people">
        <PeoplePicker
          chosen={chosen}
          onChange={setChosen}
          present={new Set(members.map(({ userId }) => userId))}
          autoFocus
        />
        {failure !== null && (
          <p className="form-error" role="alert">
            {failure}
          </p>
        )}
      </div>
    </Dialog>
  );
}

function useAddMembers(handle: ConversationHandle, onDone: () => void) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const add = async (people: readonly PublicProfile[]) => {
    setBusy(true);
    setFailure(null);
    try {
      await handle.addMembers(people.map(({ id }) => id));
      onDone();
    } catch (error) {
      setFailure(errorText(error));
      setBusy(false);
    }
  };
  return { add, busy, failure };
}
