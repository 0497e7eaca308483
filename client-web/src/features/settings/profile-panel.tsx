import './settings.css';

import { cleanName, LIMITS } from '@parley/common';
import { type SubmitEvent, useState } from 'react';

import { useNavigation, useSelf, useServices } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { errorText } from '../../ui/error-text.ts';
import { TextField } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notice.tsx';
import { Panel } from '../../ui/panel.tsx';
import { personName } from '../people/person-name.ts';
import { faultsOf } from '../sign-in/sign-in-faults.ts';

/** The display name, which can be edited, and the username. */
export function ProfilePanel() {
  const navigation = useNavigation();
  const self = useSelf();
  const [name, setName] = useState(self.displayName ?? '');
  return (
    <Panel
      title={texts.settings.profile}
      onBack={() => navigation.close({ panel: 'settings' })}
      asks={name.trim() !== (self.displayName ?? '')}
    >
      <div className="settings-page scroll">
        <div className="settings-portrait">
          <Avatar id={self.id} name={personName(self)} size="huge" />
        </div>
        <NameForm before={self.displayName ?? ''} name={name} onChange={setName} />
        <TextField
          label={texts.settings.username}
          hint={texts.settings.usernameNote}
          value={self.username ?? ''}
          readOnly
          dir="ltr"
        />
      </div>
    </Panel>
  );
}

interface NameFormProps {
  /** The name that is saved. */
  readonly before: string;
  readonly name: string;
  readonly onChange: (name: string) => void;
}

function NameForm({ before, name, onChange }: NameFormProps) {
  const { bff, session } = useServices();
  const { say } = useNotice();
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  const changed = name.trim() !== before;

  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!changed) return;
    setBusy(true);
    setFailure(undefined);
    try {
      const displayName = cleanName(name).trim();
      session.setUser(await bff.updateMe({ displayName: displayName === '' ? null : displayName }));
      say(texts.common.saved);
    } catch (error) {
      setFailure(faultsOf(error).displayName ?? errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="settings-form" onSubmit={(event) => void save(event)}>
      <TextField
        label={texts.settings.name}
        hint={texts.settings.nameHint}
        error={failure}
        maxLength={LIMITS.displayNameMax}
        autoComplete="name"
        dir="auto"
        value={name}
        onChange={(event) => onChange(event.target.value)}
      />
      <Button type="submit" variant="primary" busy={busy} disabled={!changed}>
        {texts.common.save}
      </Button>
    </form>
  );
}
