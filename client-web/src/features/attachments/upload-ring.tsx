import type { UploadProgress } from '@parley/client-common';
import { X } from 'lucide-react';

import { texts } from '../../texts/index.ts';

const RADIUS = 19;
const ROUND = 2 * Math.PI * RADIUS;

export interface UploadRingProps {
  readonly upload: UploadProgress;
  readonly onCancel: () => void;
}

/** The upload progress as a ring around the cancel button. */
export function UploadRing({ upload, onCancel }: UploadRingProps) {
  const share = upload.size === 0 ? 0 : upload.sentBytes / upload.size;
  const label = texts.attachments.cancelUpload(Math.floor(share * 100));
  return (
    <button
      type="button"
      className="upload-ring"
      aria-label={label}
      title={label}
      onClick={onCancel}
    >
      <svg viewBox="0 0 44 44" aria-hidden>
        <circle className="upload-track" cx="22" cy="22" r={RADIUS} />
        <circle
          className={upload.phase === 'sending' ? 'upload-bar' : 'upload-bar upload-bar-idle'}
          cx="22"
          cy="22"
          r={RADIUS}
          strokeDasharray={ROUND}
          strokeDashoffset={ROUND * (1 - Math.max(0.03, share))}
        />
      </svg>
      <X size={18} aria-hidden />
    </button>
  );
}
