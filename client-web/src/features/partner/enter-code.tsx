import { AppError, MINUTE } from '@parley/common';
import { type SubmitEvent, useState } from 'react';

import { useParts } from '../../parts.ts';
import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { errorText } from '../../ui/error-text.ts';
import { TextField } from '../../ui/field.tsx';
import { readLinkCode } from './link-code.ts';

const FAULTS = { length: texts.partner.codeLength, letters: texts.partner.codeLetters } as const;

/** The form for the partner's code. Only well-formed codes are sent, because the server counts wrong ones. */
export function EnterCode() {
  const [text, setText] = useState('');
  const { link, busy, failure, setFailure } = useConfirm();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const typed = readLinkCode(text);
    if ('code' in typed) void link(typed.code);
    else setFailure(FAULTS[typed.fault]);
  };
  return (
    <section className="partner-section" aria-labelledby="enter-code">
      <h3 id="enter-code" className="partner-heading">
        {texts.partner.enterTitle}
      </h3>
      <form className="enter-code" onSubmit={submit} noValidate>
        <TextField
          label={texts.partner.enterLabel}
          hint={texts.partner.enterHint}
          error={failure}
          autoCapitalize="characters"
          autoComplete="one-time-code"
          spellCheck={false}
          dir="ltr"
          placeholder="XXXX-XXXX"
          maxLength={32}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setFailure(undefined);
          }}
        />
        <Button type="submit" variant="primary" busy={busy} disabled={text.trim() === ''}>
          {texts.partner.link}
        </Button>
      </form>
    </section>
  );
}

function useConfirm() {
  const { partner } = useParts();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const link = async (code: string) => {
    setBusy(true);
    setFailure(undefined);
    try {
      await partner.confirmLink(code);
    } catch (error) {
      setFailure(refusalOf(error));
      setBusy(false);
    }
  };
  return { link, busy, failure, setFailure };
}

function refusalOf(error: unknown): string {
  if (!(error instanceof AppError) || error.code !== 'rate_limited') return errorText(error);
  return texts.partner.tooManyCodes(Math.max(1, Math.ceil((error.retryAfterMs ?? 0) / MINUTE)));
}
