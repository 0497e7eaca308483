/*
 * Loaded into a service before its own code. `FAULTS_PORTS` maps ports of 127.0.0.1 to those that the service connects
 * to in their place, so that each node has links of its own to a replica set that names one address for each member.
 * `FAULTS_CLOCK_MS` sets the wall clock forward or back; timers go on as before.
 */
import { Socket } from 'node:net';

const { FAULTS_CLOCK_MS: shift = '0', FAULTS_PORTS: ports = '{}' } = process.env;
const portOf = new Map(Object.entries(JSON.parse(ports)));

const { connect } = Socket.prototype;
Socket.prototype.connect = function (...args) {
  // `net.connect` hands its arguments over as one array.
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
