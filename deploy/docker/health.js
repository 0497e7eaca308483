/** The health check of the image: exit code 0 while the service in this container is ready. */
import { get } from 'node:http';

const TIMEOUT = 2_500;

const request = get({ host: '127.0.0.1', port: process.env.PORT, path: '/readyz' }, (answer) => {
  process.exit(answer.statusCode === 200 ? 0 : 1);
});
request.setTimeout(TIMEOUT, () => process.exit(1));
request.on('error', () => process.exit(1));
