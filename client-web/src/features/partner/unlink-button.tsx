import { Unlink } from 'lucide-react';
import { useState } from 'react';

import { useParts } from '../../parts.ts';
import { texts } from '../../texts/index.ts';
import { Confirm } from '../../ui/dialog.tsx';
import { useNotice } from '../../ui/notice.tsx';

/** Ends the partner link for both users after confirmation. */
export function UnlinkButton({ name }: { readonly name: string }) {
  const { partner } = useParts();
  const { attempt } = useNotice();
  const [asking, setAsking] = useState(false);
  return (
    <div className="partner-section">
      <button type="button" className="partner-danger" onClick={() => setAsking(true)}>
        <Unlink size={20} aria-hidden /> {texts.partner.unlink}
      </button>
      {asking && (
        <Confirm
          title={texts.partner.unlinkTitle(name)}
          message={texts.partner.unlinkMessage}
          action={texts.partner.unlink}
          onConfirm={() => attempt(partner.unlink())}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  );
}
