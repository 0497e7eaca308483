/*
 * Loaded into a service before its own code. `FAULTS_PORTS` redirects connections from one port of 127.0.0.1 to another.
 * The replica set announces one address for each member, so each node needs this to use links of its own.
 * `FAULTS_CLOCK_MS` sets the wall clock forward or back; timers are not affected.
 */
import { Socket } from 'node:net';

const { FAULTS_CLOCK_MS: shift = '0', FAULTS_PORTS: ports = '{}' } = process.env;
const portOf = new Map(Object.entries(JSON.parse(ports)));

const { connect } = Socket.prototype;
Socket.prototype.connect = function (...args) {
  // `net.connect` passes its arguments as one array.
  const given = Array.isArray(args[0]) ? args[0][0] : args[0];
  const port = typeof given === 'object' ? portOf.get(String(given?.port)) : undefined;
  if (port !== undefined) given.port = port;
  return connect.apply(this, args);
};

if (Number(shift) !== 0) {
  const now = () => RealDate.now() + Number(shift);
  const RealDate = Date;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, self) =>
      Reflect.construct(target, args.length ? args : [now()], self),
    apply: () => new RealDate(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
}
