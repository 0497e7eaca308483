import './settings.css';

import { type SubmitEvent, useState } from 'react';

import { useClient } from '../../client-context.ts';
import { useNavigation, useServices } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { codeOf, errorText } from '../../ui/error-text.ts';
import { Panel } from '../../ui/panel.tsx';
import { PasswordField } from '../sign-in/password-field.tsx';
import { UsernameForManagers } from './username-for-managers.tsx';

interface Faults {
  readonly password?: string;
  readonly form?: string;
}

/** Says what deleting the account does, and deletes it when the password is typed. */
export function DeleteAccountPanel() {
  const navigation = useNavigation();
  const { faults, busy, submit } = useDeleteAccount();
  return (
    <Panel
      title={texts.settings.deleteAccount}
      onBack={() => navigation.close({ panel: 'settings' })}
    >
      <form className="settings-page settings-form scroll" onSubmit={submit} noValidate>
        <p>{texts.settings.deleteAccountIntro}</p>
        <ul className="settings-points">
          {texts.settings.deleteAccountPoints.map((point) => (
            <li key={point}>{point}</li>
          ))}
        </ul>
        <UsernameForManagers />
        <PasswordField
          label={texts.settings.deleteAccountPassword}
          name="current"
          autoComplete="current-password"
          error={faults.password}
        />
        {faults.form !== undefined && (
          <p className="form-error" role="alert">
            {faults.form}
          </p>
        )}
        <Button type="submit" variant="danger" busy={busy}>
          {texts.settings.deleteAccountAction}
        </Button>
      </form>
    </Panel>
  );
}

function useDeleteAccount() {
  const { navigation, session } = useServices();
  const client = useClient();
  const [faults, setFaults] = useState<Faults>({});
  const [busy, setBusy] = useState(false);

  const remove = async (password: string) => {
    if (password === '') {
      setFaults({ password: texts.signIn.required });
      return;
    }
    setFaults({});
    setBusy(true);
    try {
      await session.deleteAccount(password, () => client.signOut());
      navigation.reset();
    } catch (error) {
      setFaults(refusalOf(error));
      setBusy(false);
    }
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    void remove(new FormData(event.currentTarget).get('current') as string);
  };
  return { faults, busy, submit };
}

function refusalOf(error: unknown): Faults {
  return codeOf(error) === 'invalid_credentials'
    ? { password: texts.settings.passwordWrong }
    : { form: errorText(error) };
}
