/** `NFT_OBJECT_COUNTER`: the only stateful object that Portolan names. */
export const NFT_OBJECT_COUNTER = 1;
