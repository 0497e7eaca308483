import { LIMITS } from '@parley/common';
import { type SyntheticEvent, useEffect, useState } from 'react';

import { useServices } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { codeOf, errorText } from '../../ui/error-text.ts';
import { useNotice } from '../../ui/notice.tsx';
import { Panel } from '../../ui/panel.tsx';
import { passwordFault } from '../sign-in/check-input.ts';
import { PasswordField } from '../sign-in/password-field.tsx';
import { faultsOf } from '../sign-in/sign-in-faults.ts';
import { type PasswordFaults, PasswordForm } from './password-form.tsx';

/** Changes the password; the server then ends all other sessions of the user. */
export function PasswordPanel() {
  const { bff, navigation } = useServices();
  const { say } = useNotice();
  const [isTyped, setTyped] = useState(false);
  const [isDone, setDone] = useState(false);
  // The panel is closed in an effect, when it no longer asks before it is left.
  useEffect(() => {
    if (isDone) navigation.close({ panel: 'settings' });
  }, [isDone, navigation]);
  const change = async (data: FormData) => {
    try {
      await bff.changePassword({
        currentPassword: data.get('current') as string,
        newPassword: data.get('next') as string,
      });
      say(texts.settings.passwordChanged);
      setDone(true);
      return null;
    } catch (error) {
      return refusalOf(error);
    }
  };
  return (
    <Panel
      title={texts.settings.password}
      onBack={() => navigation.close({ panel: 'settings' })}
      asks={isTyped && !isDone}
    >
      <PasswordForm
        label={texts.settings.currentPassword}
        action={texts.settings.changePassword}
        variant="primary"
        onInput={(event) => setTyped(hasPassword(event))}
        check={(data) => ({ next: passwordFault(data.get('next') as string).password })}
        submit={change}
      >
        {({ next }) => (
          <PasswordField
            label={texts.settings.newPassword}
            name="next"
            autoComplete="new-password"
            hint={texts.signIn.passwordHint(LIMITS.passwordMin)}
            error={next}
          />
        )}
      </PasswordForm>
    </Panel>
  );
}

/** Whether something is typed into one of the fields. */
function hasPassword({ currentTarget }: SyntheticEvent<HTMLFormElement>): boolean {
  const data = new FormData(currentTarget);
  return data.get('current') !== '' || data.get('next') !== '';
}

function refusalOf(error: unknown): PasswordFaults {
  if (codeOf(error) === 'invalid_credentials') return { current: texts.settings.currentWrong };
  const { password } = faultsOf(error);
  return codeOf(error) === 'invalid_input'
    ? { next: password ?? texts.signIn.passwordCommon }
    : { form: errorText(error) };
}
