import { ApiError } from '../../kube/index.ts';

/** Splits a header that lists protocols; Node has already joined repeated ones by commas. */
export function offersOf(header: string | string[] | undefined): string[] {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  return text
    .split(',')
    .map((offer) => offer.trim())
    .filter((offer) => offer !== '');
}

/** Returns the client's first choice among those supported. @throws ApiError Forbidden, as the kubelet words it. */
export function negotiate<P extends string>(offers: readonly string[], supported: readonly P[]): P {
  for (const offer of offers) {
    const match = supported.find((protocol) => protocol === offer);
    if (match !== undefined) {
      return match;
    }
  }
  throw new ApiError(
    'Forbidden',
    `unable to upgrade: unable to negotiate protocol: client supports [${offers.join(' ')}], ` +
      `server accepts [${supported.join(' ')}]`,
  );
}
