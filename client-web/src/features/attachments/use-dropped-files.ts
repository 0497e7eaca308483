import { useEffect, useEffectEvent, useState } from 'react';

import { filesIn, type FoundFiles } from './files-in.ts';

/** Accepts files dropped anywhere on the page. Returns whether files are being dragged over it. */
export function useDroppedFiles(onFiles: (found: FoundFiles) => void): boolean {
  const [isOver, setOver] = useState(false);
  const drop = useEffectEvent(onFiles);
  useEffect(() => {
    const hasFiles = ({ dataTransfer }: DragEvent) =>
      dataTransfer?.types.includes('Files') === true;
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const take = (event: DragEvent) => {
      setOver(false);
      if (!hasFiles(event)) return;
      // Otherwise the browser leaves the app and opens the file.
      event.preventDefault();
      const isBusy = document.querySelector('dialog[open]') !== null;
      if (event.dataTransfer !== null && !isBusy) drop(filesIn(event.dataTransfer));
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', take);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', take);
    };
  }, []);
  return isOver;
}
