import { AppError } from '@parley/common';

/**
 * Makes a request about a conversation, again if this user was added or removed in the meantime: that answer may be
 * older than the change. Rejects with an `AppError`.
 *
 * @param conversation its `state` is another object for each membership, `null` without one.
 */
export async function askAbout<Answer>(
  conversation: { readonly state: object | null },
  request: () => Promise<Answer>,
): Promise<Answer> {
  for (;;) {
    const { state } = conversation;
    const answer = await request().catch((thrown: unknown) => thrown as AppError);
    if (conversation.state !== state) continue;
    if (answer instanceof AppError) throw answer;
    return answer;
  }
}
