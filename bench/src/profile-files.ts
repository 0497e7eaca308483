import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type TimeSpan } from './job.ts';
import { type CpuProfile, type ProfileSummary, summarise } from './profile.ts';

/** Reads a `.cpuprofile` and summarises it, or a span of it. */
export async function readProfile(path: string, within?: TimeSpan): Promise<ProfileSummary> {
  return summarise(JSON.parse(await readFile(path, 'utf8')) as CpuProfile, within);
}

/** A process writes one profile for each thread. Returns the busiest one; undefined if there is none. */
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
