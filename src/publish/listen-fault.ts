import { BlockList, isIPv6 } from 'node:net';
import { Fault, messageOf } from '../fault/index.ts';
import { type Binding, formatAddress } from './binding.ts';
import { findHolder } from './port-holder.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Keeps the cluster off every network: @throws Fault `PUBLISH_NOT_LOOPBACK`. */
export function requireLoopback({ listen }: Binding): void {
  if (!loopback.check(listen.address, isIPv6(listen.address) ? 'ipv6' : 'ipv4')) {
    throw new Fault({
      code: 'PUBLISH_NOT_LOOPBACK',
      message: `cannot listen on ${formatAddress(listen)}: it is no loopback address`,
      advice: 'Publish on an address in 127.0.0.0/8 or on ::1.',
    });
  }
}

/** Says which address and port could not be had, and, where /proc tells, which process has it. */
export async function listenFault(binding: Binding, cause: unknown): Promise<Fault> {
  const where = `${formatAddress(binding.listen)} (${binding.protocol})`;
  if (isErrno(cause, 'EACCES')) {
    return new Fault({
      code: 'PUBLISH_PRIVILEGED_PORT',
      message: `cannot listen on ${where}: ports below net.ipv4.ip_unprivileged_port_start are for root`,
      advice:
        'Run as root or with CAP_NET_BIND_SERVICE, or give the Service a port of 1024 or above.',
      cause,
    });
  }
  if (!isErrno(cause, 'EADDRINUSE')) {
    return new Fault({
      code: 'PUBLISH_FAILED',
      message: `cannot listen on ${where}: ${messageOf(cause)}`,
      cause,
    });
  }
  const holder = await findHolder(binding);
  const who = holder === undefined ? 'another process' : `${holder.command} (pid ${holder.pid})`;
  return new Fault({
    code: 'PUBLISH_ADDRESS_IN_USE',
    message: `cannot listen on ${where}: ${who} already does`,
    advice: `Stop it, or give the Service another port; "ss -lnp sport = :${binding.listen.port}" shows who listens.`,
    cause,
  });
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
