import type { ConversationHandle, ConversationSummary } from '@parley/client-common';
import { cleanName, isVisible, LIMITS } from '@parley/common';
import { Pencil } from 'lucide-react';
import { type SubmitEvent, useState } from 'react';

import { texts } from '../../texts/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { errorText } from '../../ui/error-text.ts';
import { TextField } from '../../ui/field.tsx';
import { isComposing } from '../../ui/keys.ts';
import { conversationName } from '../people/person-name.ts';

export interface GroupTitleProps {
  readonly handle: ConversationHandle;
  readonly info: ConversationSummary;
}

/** The name of a group; owners and admins can change it. */
export function GroupTitle({ handle, info }: GroupTitleProps) {
  const [editing, setEditing] = useState(false);
  const mayRename = info.role === 'owner' || info.role === 'admin';
  return (
    <div className="details-top">
      <Avatar id={info.id} name={conversationName(info)} size="huge" group />
      {editing ? (
        <TitleForm handle={handle} info={info} onDone={() => setEditing(false)} />
      ) : (
        <div className="details-name-row">
          <p className="details-name" dir="auto">
            {info.title}
          </p>
          {mayRename && (
            <IconButton label={texts.details.rename} onClick={() => setEditing(true)}>
              <Pencil size={18} aria-hidden />
            </IconButton>
          )}
        </div>
      )}
    </div>
  );
}

interface TitleFormProps extends GroupTitleProps {
  readonly onDone: () => void;
}

function TitleForm({ handle, info, onDone }: TitleFormProps) {
  const [title, setTitle] = useState(info.title ?? '');
  const { rename, busy, failure } = useRename(handle, onDone);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (title.trim() === info.title) onDone();
    else if (isVisible(title)) rename(cleanName(title).trim());
  };
  return (
    <form className="title-form" onSubmit={submit}>
      <TextField
        label={texts.details.name}
        maxLength={LIMITS.titleMax}
        dir="auto"
        autoFocus
        value={title}
        error={failure}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || isComposing(event)) return;
          event.stopPropagation();
          onDone();
        }}
      />
      <div className="form-actions">
        <Button onClick={onDone}>{texts.common.cancel}</Button>
        <Button type="submit" variant="primary" busy={busy} disabled={!isVisible(title)}>
          {texts.common.save}
        </Button>
      </div>
    </form>
  );
}

function useRename(handle: ConversationHandle, onDone: () => void) {
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  const rename = (title: string) => {
    setBusy(true);
    handle.updateTitle(title).then(onDone, (error: unknown) => {
      setFailure(errorText(error));
      setBusy(false);
    });
  };
  return { rename, busy, failure };
}
