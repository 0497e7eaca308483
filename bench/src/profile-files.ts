import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type TimeSpan } from './job.ts';
import { type CpuProfile, type ProfileSummary, summarise } from './profile.ts';

/** What is in a `.cpuprofile`. */
export async function readProfile(path: string, within?: TimeSpan): Promise<ProfileSummary> {
  return summarise(JSON.parse(await readFile(path, 'utf8')) as CpuProfile, within);
}

/** Of the profiles of one process, one a thread, the one that did the most; undefined where there is none. */
export async function busiestProfile(
  folder: string,
  within: TimeSpan,
): Promise<{ path: string; summary: ProfileSummary } | undefined> {
  const names = await readdir(folder);
  const profiles = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, summary: await readProfile(path, within) };
    }),
  );
  return profiles.sort((a, b) => b.summary.busy - a.summary.busy)[0];
}
