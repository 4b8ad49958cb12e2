import type { AnyObject } from '../../kube/index.ts';

/** Answers a TokenRequest for a ServiceAccount: the request with its status filled in. */
export type IssueToken = (serviceAccount: AnyObject, request: AnyObject) => Promise<AnyObject>;
