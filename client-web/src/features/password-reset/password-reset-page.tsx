import '../sign-in/sign-in.css';

import { LIMITS } from '@parley/common';
import { useEffect, useRef } from 'react';

import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { PasswordField } from '../sign-in/password-field.tsx';
import { usePasswordReset } from './use-password-reset.ts';

/** The page that the link of an administrator opens: sets a new password. Opening it changes nothing. */
export function PasswordResetPage({ onDone }: { readonly onDone: () => void }) {
  const { busy, faults, submit } = usePasswordReset(onDone);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [faults]);
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <img src="/favicon.svg" alt="" width={56} height={56} />
        <h1>{texts.signIn.resetTitle}</h1>
        <p className="quiet">{texts.signIn.resetHint}</p>
        <form
          ref={form}
          className="sign-in-form"
          onSubmit={(event) => {
            event.preventDefault();
            void submit(new FormData(event.currentTarget).get('password') as string);
          }}
          noValidate
        >
          <PasswordField
            label={texts.signIn.newPassword}
            name="password"
            autoComplete="new-password"
            autoFocus
            hint={texts.signIn.passwordHint(LIMITS.passwordMin)}
            error={faults.password}
          />
          {faults.form !== undefined && (
            <p className="form-error" role="alert">
              {faults.form}
            </p>
          )}
          <Button type="submit" variant="primary" busy={busy}>
            {texts.signIn.resetSubmit}
          </Button>
          <p className="sign-in-other">
            <button type="button" className="link-button" onClick={onDone}>
              {texts.signIn.toSignIn}
            </button>
          </p>
        </form>
      </div>
    </main>
  );
}
