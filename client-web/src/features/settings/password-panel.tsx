import './settings.css';

import { LIMITS } from '@parley/common';
import { type SubmitEvent, type SyntheticEvent, useEffect, useState } from 'react';

import { useNavigation, useServices } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { codeOf, errorText } from '../../ui/error-text.ts';
import { useNotice } from '../../ui/notice.tsx';
import { Panel } from '../../ui/panel.tsx';
import { passwordFault } from '../sign-in/check-input.ts';
import { PasswordField } from '../sign-in/password-field.tsx';
import { faultsOf } from '../sign-in/sign-in-faults.ts';
import { UsernameForManagers } from './username-for-managers.tsx';

interface Faults {
  readonly current?: string | undefined;
  readonly next?: string | undefined;
  readonly form?: string;
}

/** Changes the password; the server then ends all other sessions of the user. */
export function PasswordPanel() {
  const navigation = useNavigation();
  const { faults, busy, isDone, submit } = useChangePassword();
  const [isTyped, setTyped] = useState(false);
  // Only once nothing asks any more.
  useEffect(() => {
    if (isDone) navigation.close({ panel: 'settings' });
  }, [isDone, navigation]);
  return (
    <Panel
      title={texts.settings.password}
      onBack={() => navigation.close({ panel: 'settings' })}
      asks={isTyped && !isDone}
    >
      <form
        className="settings-page settings-form scroll"
        onInput={(event) => setTyped(hasPassword(event))}
        onSubmit={submit}
        noValidate
      >
        <UsernameForManagers />
        <PasswordField
          label={texts.settings.currentPassword}
          name="current"
          autoComplete="current-password"
          error={faults.current}
        />
        <PasswordField
          label={texts.settings.newPassword}
          name="next"
          autoComplete="new-password"
          hint={texts.signIn.passwordHint(LIMITS.passwordMin)}
          error={faults.next}
        />
        {faults.form !== undefined && (
          <p className="form-error" role="alert">
            {faults.form}
          </p>
        )}
        <Button type="submit" variant="primary" busy={busy}>
          {texts.settings.changePassword}
        </Button>
      </form>
    </Panel>
  );
}

/** Whether something is typed into one of the fields. */
function hasPassword({ currentTarget }: SyntheticEvent<HTMLFormElement>): boolean {
  const data = new FormData(currentTarget);
  return data.get('current') !== '' || data.get('next') !== '';
}

function useChangePassword() {
  const { bff } = useServices();
  const { say } = useNotice();
  const [faults, setFaults] = useState<Faults>({});
  const [busy, setBusy] = useState(false);
  const [isDone, setDone] = useState(false);

  const change = async (current: string, next: string) => {
    const found = checkPasswords(current, next);
    setFaults(found);
    if (found.current !== undefined || found.next !== undefined) return;
    setBusy(true);
    try {
      await bff.changePassword({ currentPassword: current, newPassword: next });
      say(texts.settings.passwordChanged);
      setDone(true);
    } catch (error) {
      setFaults(refusalOf(error));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    void change(data.get('current') as string, data.get('next') as string);
  };
  return { faults, busy, isDone, submit };
}

function checkPasswords(current: string, next: string): Faults {
  return {
    current: current === '' ? texts.signIn.required : undefined,
    next: passwordFault(next).password,
  };
}

function refusalOf(error: unknown): Faults {
  if (codeOf(error) === 'invalid_credentials') return { current: texts.settings.currentWrong };
  const { password } = faultsOf(error);
  return codeOf(error) === 'invalid_input'
    ? { next: password ?? texts.signIn.passwordCommon }
    : { form: errorText(error) };
}
