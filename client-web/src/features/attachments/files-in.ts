/** What was dropped or pasted. */
export interface FoundFiles {
  readonly files: readonly File[];
  /** Whether there were folders too: a browser offers each as a file that nobody can read. */
  readonly hasFolders: boolean;
}

/** The files of a drop or paste, without folders. */
export function filesIn({ items }: DataTransfer): FoundFiles {
  const found = [...items].filter(({ kind }) => kind === 'file');
  const isFolder = (item: DataTransferItem) => item.webkitGetAsEntry()?.isDirectory === true;
  return {
    files: found.flatMap((item) => (isFolder(item) ? [] : (item.getAsFile() ?? []))),
    hasFolders: found.some(isFolder),
  };
}
