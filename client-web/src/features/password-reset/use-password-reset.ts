import { useState } from 'react';

import { useServices } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { codeOf, errorText } from '../../ui/error-text.ts';
import { useNotice } from '../../ui/notice.tsx';
import { passwordFault } from '../sign-in/check-input.ts';

interface Faults {
  readonly password?: string | undefined;
  /** An error that concerns no field. */
  readonly form?: string | undefined;
}

/** Sets the new password. On success `onDone` is called. */
export function usePasswordReset(onDone: () => void) {
  const { bff, resetToken } = useServices();
  const { say } = useNotice();
  const [faults, setFaults] = useState<Faults>({});
  const [busy, setBusy] = useState(false);

  const submit = async (password: string) => {
    const fault = passwordFault(password).password;
    setFaults({ password: fault });
    if (fault !== undefined) return;
    setBusy(true);
    try {
      // Read now: another link may have been opened in this page.
      await bff.resetPassword({ token: resetToken() ?? '', password });
      say(texts.signIn.resetDone);
      onDone();
    } catch (error) {
      setFaults(refusalOf(error));
      setBusy(false);
    }
  };
  return { faults, busy, submit };
}

function refusalOf(error: unknown): Faults {
  const { issues = [] } = error as { issues?: readonly { path: string }[] };
  if (issues.some(({ path }) => path === 'password')) {
    return { password: texts.signIn.passwordCommon };
  }
  // The link was cut off, so that it has no token, or something else in its place.
  if (codeOf(error) === 'invalid_input') return { form: texts.errors.reset_token_invalid };
  return { form: errorText(error) };
}
