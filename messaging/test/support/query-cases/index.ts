import type { QueryCase, TestMongo } from '@parley/backend-common/testing';

import type { Somebody } from '../crowd.ts';
import { conversationCases } from './conversations.ts';
import { logCases } from './log.ts';
import { peopleCases } from './people.ts';
import { pushCases } from './pushes.ts';

/** A case for each method of one repository. */
export type RepositoryCases = Readonly<Record<string, QueryCase | (() => Promise<unknown>)>>;

/** Cases for the methods of every repository that hints at an index, by source file. */
export function hintedRepositories(
  mongo: TestMongo,
  somebody: Somebody,
): Record<string, RepositoryCases> {
  return {
    ...logCases(mongo, somebody),
    ...conversationCases(mongo, somebody),
    ...peopleCases(mongo, somebody),
    ...pushCases(mongo, somebody),
  };
}
