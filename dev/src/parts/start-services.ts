import { inProcessPlan } from './in-process.ts';
import { ownProcessPlan } from './own-process.ts';
import { type PartPlan } from './part.ts';
import {
  innerEnvironment,
  type ServiceSettings,
  webEnvironment,
  type WebFolders,
} from './service-environments.ts';
import { type ServiceRequest } from './service-parts.ts';
import { type StackContext } from './stack-context.ts';

/** A service runs as its own process if there are several nodes, else in this process. */
function planner(context: StackContext): (request: ServiceRequest) => PartPlan {
  const { config, folder, pushSender, watchdog } = context;
  if (config.nodes === undefined) return (request) => inProcessPlan(request, pushSender);
  return (request) => ownProcessPlan(request, { logs: folder.logs, watchdog });
}

/** Starts auth, then the messaging nodes, then web, which needs the addresses of the others. */
export async function startServices(
  context: StackContext,
  settings: ServiceSettings,
  folders: WebFolders,
): Promise<void> {
  const { config, stackParts } = context;
  const plan = planner(context);
  const env = innerEnvironment(config, settings);
  const [auth] = await stackParts.start([plan({ name: 'auth', kind: 'auth', env })]);
  const authUrl = auth?.url ?? '';
  const nodeEnv = { ...env, PARLEY_AUTH_URL: authUrl };
  const nodes = Array.from({ length: config.nodes ?? 1 }, (_, index) => `messaging-${index + 1}`);
  const messaging = await stackParts.start(
    nodes.map((name) => plan({ name, kind: 'messaging', env: nodeEnv })),
  );
  const messagingUrls = messaging.map(({ url }) => url);
  const webEnv = webEnvironment(config, settings, { authUrl, messagingUrls, ...folders });
  await stackParts.start([plan({ name: 'web', kind: 'web', env: webEnv })]);
}
