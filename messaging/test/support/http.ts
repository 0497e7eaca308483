import type { Person } from './people.ts';

interface RequestOptions {
  readonly method?: string;
  readonly as?: Pick<Person, 'token'>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An HTTP request and its answer, read as JSON where there is any. */
export async function request(
  url: string,
  { as, body, headers, method = 'GET' }: RequestOptions = {},
): Promise<{ status: number; headers: Headers; body: unknown }> {
  const response = await fetch(url, {
    method,
    headers: {
      connection: 'close',
      ...(as === undefined ? {} : { authorization: `Bearer ${as.token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
  };
}

/** The value of a metric without labels, or of the first that has these. */
export async function metric(metricsUrl: string, name: string, labels = ''): Promise<number> {
  const response = await fetch(metricsUrl, { headers: { connection: 'close' } });
  const lines = (await response.text()).split('\n');
  const line = lines.find((each) => each.startsWith(`${name}{`) && each.includes(labels));
  return Number(line?.split(' ').at(-1) ?? 0);
}
