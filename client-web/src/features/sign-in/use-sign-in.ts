import { cleanName, LIMITS } from '@parley/common';
import { useState } from 'react';

import { useServices } from '../../services.ts';
import { errorText } from '../../ui/error-text.ts';
import { checkRegistration, checkSignIn, type SignInFaults } from './check-input.ts';
import { deviceNameOf } from './device-name.ts';
import { faultsOf } from './sign-in-faults.ts';

export type SignInMode = 'sign-in' | 'register';

/** The values of the form. */
export interface SignInInput {
  readonly username: string;
  readonly password: string;
  readonly displayName: string;
}

export interface SignInForm {
  readonly faults: SignInFaults;
  /** An error that concerns no single field. */
  readonly failure: string | null;
  readonly busy: boolean;
  readonly submit: (mode: SignInMode, input: SignInInput) => Promise<void>;
  readonly clear: () => void;
}

/** Validates and submits the form and maps errors to texts. On success the session store updates the app. */
export function useSignIn(): SignInForm {
  const { session } = useServices();
  const [faults, setFaults] = useState<SignInFaults>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const clear = () => {
    setFaults({});
    setFailure(null);
  };

  const submit = async (mode: SignInMode, input: SignInInput) => {
    const username = input.username.trim().toLowerCase();
    const check = mode === 'register' ? checkRegistration : checkSignIn;
    const found = check(username, input.password);
    setFailure(null);
    setFaults(found);
    if (Object.keys(found).length > 0) return;

    setBusy(true);
    const displayName = cleanName(input.displayName).trim();
    const base = {
      username,
      password: input.password,
      deviceName: deviceNameOf(navigator.userAgent).slice(0, LIMITS.deviceNameMax),
    };
    try {
      if (mode === 'sign-in') await session.login(base);
      else await session.register(displayName === '' ? base : { ...base, displayName });
    } catch (error) {
      const refused = faultsOf(error);
      setFaults(refused);
      setFailure(Object.keys(refused).length > 0 ? null : errorText(error));
      setBusy(false);
    }
  };

  return { faults, failure, busy, submit, clear };
}
