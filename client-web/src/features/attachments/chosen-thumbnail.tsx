import { FileText, Music } from 'lucide-react';
import { useEffect, useState } from 'react';

/** A small picture of a file that was chosen, or an icon. */
export function ChosenThumbnail({ file }: { readonly file: File }) {
  const url = useObjectUrl(file);
  const [broken, setBroken] = useState(false);
  const kind = file.type.split('/', 1)[0];
  const shown = url !== null && !broken && file.type !== 'image/svg+xml';
  if (kind === 'image' && shown) {
    return <img className="chosen-picture" src={url} alt="" onError={() => setBroken(true)} />;
  }
  if (kind === 'video' && shown) {
    return <video className="chosen-picture" src={url} muted preload="metadata" />;
  }
  return (
    <span className="file-icon">
      {kind === 'audio' ? <Music size={22} aria-hidden /> : <FileText size={22} aria-hidden />}
    </span>
  );
}

/** An object URL of a file, revoked when the component is unmounted. */
function useObjectUrl(file: File): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const created = URL.createObjectURL(file);
    setUrl(created);
    return () => URL.revokeObjectURL(created);
  }, [file]);
  return url;
}
