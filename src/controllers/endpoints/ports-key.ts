/** Equal for equal sets of ports. */
export function portsKey(ports: readonly object[]): string {
  return ports
    .map((port) =>
      JSON.stringify(Object.entries(port).sort(([one], [two]) => (one < two ? -1 : 1))),
    )
    .sort()
    .join();
}
