import type { LinkCode } from '@parley/client-common/partner';
import { Copy, RotateCw } from 'lucide-react';
import { useEffect, useState } from 'react';

import { useClient } from '../../client-context.ts';
import { useParts } from '../../parts.ts';
import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { errorText } from '../../ui/error-text.ts';
import { useCopy } from '../../ui/use-copy.ts';
import { leftText } from './link-code.ts';

/** The user's own link code, created on request. */
export function MyCode() {
  const { code, busy, failure, create } = useMyCode();
  return (
    <section className="partner-section" aria-labelledby="my-code">
      <h3 id="my-code" className="partner-heading">
        {texts.partner.codeTitle}
      </h3>
      <p className="quiet">{texts.partner.codeHint}</p>
      {code === null ? (
        <Button variant="primary" busy={busy} onClick={() => void create()}>
          {texts.partner.showCode}
        </Button>
      ) : (
        <ShownCode key={code.linkCode} code={code} busy={busy} onNew={() => void create()} />
      )}
      {failure !== null && (
        <p className="form-error" role="alert">
          {failure}
        </p>
      )}
    </section>
  );
}

function useMyCode() {
  const { partner } = useParts();
  const [code, setCode] = useState<LinkCode | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const create = async () => {
    setBusy(true);
    setFailure(null);
    try {
      setCode(await partner.createLinkCode());
    } catch (error) {
      setFailure(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return { code, busy, failure, create };
}

interface ShownCodeProps {
  readonly code: LinkCode;
  readonly busy: boolean;
  readonly onNew: () => void;
}

function ShownCode({ code, busy, onNew }: ShownCodeProps) {
  const copyCode = useCopy(texts.partner.codeCopied);
  const left = useTimeLeft(code.expiresAt);
  const { linkCode } = code;
  const copy = () => copyCode(linkCode);
  if (left <= 0) {
    return (
      <div className="code-box" role="status">
        <p>{texts.partner.codeOver}</p>
        <Button variant="primary" busy={busy} onClick={onNew}>
          {texts.partner.newCode}
        </Button>
      </div>
    );
  }
  return (
    <div className="code-box">
      <p className="code" dir="ltr" role="status">
        <span aria-hidden="true">{linkCode}</span>
        <span className="visually-hidden">{linkCode.split('').join(' ')}</span>
      </p>
      <p className="quiet" role="timer">
        {texts.partner.codeLeft(leftText(left))}
      </p>
      <div className="code-actions">
        <Button icon={<Copy size={18} aria-hidden />} onClick={copy}>
          {texts.partner.copyCode}
        </Button>
        <Button icon={<RotateCw size={18} aria-hidden />} busy={busy} onClick={onNew}>
          {texts.partner.newCode}
        </Button>
      </div>
    </div>
  );
}

/** Milliseconds until a time by the server's clock, updated every second. */
function useTimeLeft(end: number): number {
  const client = useClient();
  const [left, setLeft] = useState(() => end - client.now());
  useEffect(() => {
    const timer = setInterval(() => setLeft(end - client.now()), 1_000);
    return () => clearInterval(timer);
  }, [client, end]);
  return left;
}
