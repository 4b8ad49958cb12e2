/**
 * What `/version` reports. The suffix is semver build metadata: clients that compare versions see Kubernetes 1.36,
 * whose stable APIs are served.
 */
export const kubernetesVersion = 'v1.36.0';

/** The whole version, as nodes report it too. */
export const gitVersion = `${kubernetesVersion}+portolan`;

/** `version.Info` of `apimachinery/pkg/version`. */
export function versionInfo(): Record<string, string> {
  const [major = '', minor = ''] = kubernetesVersion.slice(1).split('.');
  return {
    major,
    minor,
    gitVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: `node ${process.version}`,
    platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
