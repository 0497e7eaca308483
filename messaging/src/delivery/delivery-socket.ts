/** A socket of this node, as delivery sees it. */
export interface DeliverySocket {
  readonly id: string;
  readonly data: {
    readonly caller: { readonly userId: string; readonly sessionId: string };
    readonly mode: 'heads' | 'plain';
  };
  readonly connected: boolean;
}
