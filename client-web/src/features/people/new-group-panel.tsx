import './people.css';

import { cleanName, isVisible, LIMITS } from '@parley/common';
import type { PublicProfile } from '@parley/common/contract';
import { type SubmitEvent, useState } from 'react';

import { useClient } from '../../client-context.ts';
import { useNavigation } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { errorText } from '../../ui/error-text.ts';
import { TextField } from '../../ui/field.tsx';
import { isEnter } from '../../ui/keys.ts';
import { Panel } from '../../ui/panel.tsx';
import { PeoplePicker } from './people-picker.tsx';

/** Creates a group with a name and members. */
export function NewGroupPanel() {
  const navigation = useNavigation();
  const [chosen, setChosen] = useState<readonly PublicProfile[]>([]);
  const [title, setTitle] = useState('');
  const { create, busy, failure } = useCreateGroup();
  const complete = isVisible(title) && chosen.length > 0;

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (complete) void create(cleanName(title).trim(), chosen);
  };
  return (
    <Panel
      title={texts.people.newGroup}
      onBack={() => navigation.close({ panel: 'new' })}
      asks={isVisible(title) || chosen.length > 0}
    >
      <form className="group-form" onSubmit={submit}>
        <TitleField value={title} onChange={setTitle} complete={complete} />
        <PeoplePicker chosen={chosen} onChange={setChosen} />
        <footer className="group-foot">
          {failure !== null && (
            <p className="form-error" role="alert">
              {failure}
            </p>
          )}
          <span className="quiet" aria-live="polite">
            {texts.people.chosen(chosen.length)}
          </span>
          <Button type="submit" variant="primary" busy={busy} disabled={!complete}>
            {texts.people.create}
          </Button>
        </footer>
      </form>
    </Panel>
  );
}

interface TitleFieldProps {
  readonly value: string;
  readonly onChange: (title: string) => void;
  /** Whether Enter makes the group; otherwise it leads to the search. */
  readonly complete: boolean;
}

function TitleField({ value, onChange, complete }: TitleFieldProps) {
  return (
    <div className="group-title">
      <TextField
        label={texts.people.groupTitle}
        placeholder={texts.people.groupTitlePlaceholder}
        maxLength={LIMITS.titleMax}
        dir="auto"
        autoFocus
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (!isEnter(event) || complete) return;
          event.preventDefault();
          event.currentTarget.form?.querySelector<HTMLElement>('[type=search]')?.focus();
        }}
      />
    </div>
  );
}

function useCreateGroup() {
  const client = useClient();
  const navigation = useNavigation();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const create = async (title: string, people: readonly PublicProfile[]) => {
    setBusy(true);
    setFailure(null);
    try {
      const userIds = people.map(({ id }) => id);
      const conversationId = await client.createGroup({ title, userIds });
      navigation.replace({ conversationId, details: false, panel: null });
    } catch (error) {
      setFailure(errorText(error));
      setBusy(false);
    }
  };
  return { create, busy, failure };
}
