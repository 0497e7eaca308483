import './sign-in.css';

import { LIMITS } from '@parley/common';
import { useEffect, useRef, useState } from 'react';

import { useServices } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { PasswordField } from './password-field.tsx';
import { type SignInInput, type SignInMode, useSignIn } from './use-sign-in.ts';

/** The forms for signing in and registering. `ended`: the previous session was ended from elsewhere. */
export function SignInPage({ ended }: { readonly ended: boolean }) {
  const [mode, setMode] = useState<SignInMode>('sign-in');
  const [username, setUsername] = useState('');
  const open = useRegistrationOpen();
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <img src="/favicon.svg" alt="" width={56} height={56} />
        <h1>{mode === 'sign-in' ? texts.signIn.signInTitle : texts.signIn.registerTitle}</h1>
        <p className="quiet">{texts.signIn.welcome}</p>
        {ended && (
          <p className="sign-in-note" role="status">
            {texts.signIn.ended}
          </p>
        )}
        <SignInFields
          key={mode}
          mode={mode}
          username={username}
          onUsername={setUsername}
          other={open || mode === 'register' ? () => setMode(otherOf(mode)) : null}
        />
        {!open && <p className="quiet">{texts.signIn.closed}</p>}
      </div>
    </main>
  );
}

const otherOf = (mode: SignInMode): SignInMode => (mode === 'sign-in' ? 'register' : 'sign-in');

interface SignInFieldsProps {
  readonly mode: SignInMode;
  /** The username as it was typed, in either form. */
  readonly username: string;
  readonly onUsername: (username: string) => void;
  /** Switches to the other form; `null` if this server does not offer it. */
  readonly other: (() => void) | null;
}

function SignInFields({ mode, username, onUsername, other }: SignInFieldsProps) {
  const form = useSignIn();
  const ref = useRef<HTMLFormElement>(null);
  useFocusFirstFault(ref, form.faults);
  const registering = mode === 'register';
  return (
    <form
      ref={ref}
      className="sign-in-form"
      onSubmit={(event) => {
        event.preventDefault();
        void form.submit(mode, inputOf(event.currentTarget));
      }}
      noValidate
    >
      <UsernameField
        registering={registering}
        value={username}
        onChange={onUsername}
        error={form.faults.username}
      />
      {registering && <NameField error={form.faults.displayName} />}
      <PasswordField
        label={texts.signIn.password}
        name="password"
        autoComplete={registering ? 'new-password' : 'current-password'}
        hint={registering ? texts.signIn.passwordHint(LIMITS.passwordMin) : undefined}
        error={form.faults.password}
      />
      {form.failure !== null && (
        <p className="form-error" role="alert">
          {form.failure}
        </p>
      )}
      <Button type="submit" variant="primary" busy={form.busy}>
        {registering ? texts.signIn.register : texts.signIn.signIn}
      </Button>
      {other !== null && <OtherForm registering={registering} onGo={other} />}
    </form>
  );
}

function inputOf(form: HTMLFormElement): SignInInput {
  const data = new FormData(form);
  const text = (name: string) => {
    const value = data.get(name);
    return typeof value === 'string' ? value : '';
  };
  return {
    username: text('username'),
    password: text('password'),
    displayName: text('displayName'),
  };
}

interface OtherFormProps {
  readonly registering: boolean;
  readonly onGo: () => void;
}

function OtherForm({ registering, onGo }: OtherFormProps) {
  return (
    <p className="sign-in-other">
      {registering ? texts.signIn.haveAccount : texts.signIn.noAccount}{' '}
      <button type="button" className="link-button" onClick={onGo}>
        {registering ? texts.signIn.toSignIn : texts.signIn.toRegister}
      </button>
    </p>
  );
}

function NameField({ error }: { readonly error: string | undefined }) {
  return (
    <TextField
      label={texts.signIn.displayName}
      name="displayName"
      autoComplete="name"
      maxLength={LIMITS.displayNameMax}
      hint={texts.signIn.displayNameHint}
      error={error}
    />
  );
}

interface UsernameFieldProps {
  readonly registering: boolean;
  readonly value: string;
  readonly onChange: (username: string) => void;
  readonly error: string | undefined;
}

function UsernameField({ registering, value, onChange, error }: UsernameFieldProps) {
  return (
    <TextField
      label={texts.signIn.username}
      name="username"
      value={value}
      onChange={(event) => onChange(event.target.value)}
      autoComplete="username"
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      autoFocus
      dir="ltr"
      maxLength={LIMITS.usernameMax}
      hint={registering ? texts.signIn.usernameHint : undefined}
      error={error}
    />
  );
}

function useFocusFirstFault(ref: React.RefObject<HTMLFormElement | null>, faults: object) {
  useEffect(() => {
    ref.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [ref, faults]);
}

/** Whether this server allows registration; assumed to be true until it has answered. */
function useRegistrationOpen(): boolean {
  const { bff } = useServices();
  const [open, setOpen] = useState(true);
  useEffect(() => {
    bff.meta().then(
      (meta) => setOpen(meta.registration === 'open'),
      () => undefined,
    );
  }, [bff]);
  return open;
}
