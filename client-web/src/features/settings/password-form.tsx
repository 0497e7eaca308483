import './settings.css';

import { type ReactNode, type SubmitEvent, type SyntheticEvent, useState } from 'react';

import { texts } from '../../texts/index.ts';
import { Button, type ButtonProps } from '../../ui/button.tsx';
import { PasswordField } from '../sign-in/password-field.tsx';
import { UsernameForManagers } from './username-for-managers.tsx';

/** What is wrong with a form, by field; `form`: with the whole of it. */
export interface PasswordFaults {
  readonly current?: string | undefined;
  readonly next?: string | undefined;
  readonly form?: string | undefined;
}

export interface PasswordFormProps {
  readonly label: string;
  readonly action: string;
  readonly variant: NonNullable<ButtonProps['variant']>;
  /** Shown above the password. */
  readonly intro?: ReactNode;
  /** Further fields. */
  readonly children?: (faults: PasswordFaults) => ReactNode;
  readonly onInput?: (event: SyntheticEvent<HTMLFormElement>) => void;
  /** What is wrong with the fields before anything is sent, beside a missing password. */
  readonly check?: (data: FormData) => PasswordFaults;
  /** Does what the form is for. Resolves to what the server refused, or `null`; the form stays busy after `null`. */
  readonly submit: (data: FormData) => Promise<PasswordFaults | null>;
}

/** A page of the settings that asks for the user's password before it does something. */
export function PasswordForm({ label, action, variant, intro, ...props }: PasswordFormProps) {
  const { faults, busy, submit } = usePasswordForm(props);
  return (
    <form
      className="settings-page settings-form scroll"
      onInput={props.onInput}
      onSubmit={submit}
      noValidate
    >
      {intro}
      <UsernameForManagers />
      <PasswordField
        label={label}
        name="current"
        autoComplete="current-password"
        error={faults.current}
      />
      {props.children?.(faults)}
      {faults.form !== undefined && (
        <p className="form-error" role="alert">
          {faults.form}
        </p>
      )}
      <Button type="submit" variant={variant} busy={busy}>
        {action}
      </Button>
    </form>
  );
}

function usePasswordForm({ check, submit }: Pick<PasswordFormProps, 'check' | 'submit'>) {
  const [faults, setFaults] = useState<PasswordFaults>({});
  const [busy, setBusy] = useState(false);

  const run = async (data: FormData) => {
    const missing = data.get('current') === '' ? { current: texts.signIn.required } : {};
    const found: PasswordFaults = { ...check?.(data), ...missing };
    setFaults(found);
    if (Object.values(found).some((fault) => fault !== undefined)) return;
    setBusy(true);
    const refused = await submit(data);
    if (refused === null) return;
    setFaults(refused);
    setBusy(false);
  };
  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    void run(new FormData(event.currentTarget));
  };
  return { faults, busy, submit: onSubmit };
}
