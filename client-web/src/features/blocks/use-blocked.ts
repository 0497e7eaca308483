import { useReadable } from '../../client-context.ts';
import { useParts } from '../../parts.ts';

/** Whether the user with this id is blocked. */
export function useBlocked(userId: string | null): boolean {
  const { blocks } = useReadable(useParts().blocks.list);
  return blocks.some((block) => block.userId === userId);
}
