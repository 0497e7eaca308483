/** The protocol between both relays and the generator. */
export interface RelayMessage {
  /** The room of a user or of a group. */
  readonly to: string;
  readonly number: number;
  readonly text: string;
}

/** The answer to `history`: messages of a room above a number, ascending. */
export interface RelayHistory {
  readonly messages: readonly RelayMessage[];
  readonly hasMore: boolean;
}

export const HISTORY_PAGE = 500;
