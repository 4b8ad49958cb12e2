import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

export interface SourceFile {
  /** Relative to the root of the tree, with `/`. */
  readonly path: string;
  /** First folder of the path. */
  readonly room: string;
  readonly text: string;
  /** Paths of the files it imports, relative to the root of the tree. */
  readonly imports: readonly ImportLine[];
}

interface ImportLine {
  readonly target: string;
  readonly line: number;
  readonly isTypeOnly: boolean;
}

const importPattern =
  /^\s*(?:import|export)\s+(type\s)?(?:[^;'"]*?\sfrom\s+)?['"](\.[^'"]+)['"]|import\(\s*['"](\.[^'"]+)['"]/gm;

function readImports(root: string, path: string, text: string): ImportLine[] {
  return [...text.matchAll(importPattern)].map((match) => ({
    target: relative(root, join(root, dirname(path), match[2] ?? match[3] ?? '')).replaceAll(
      sep,
      '/',
    ),
    line: text.slice(0, match.index).split('\n').length,
    isTypeOnly: match[1] !== undefined,
  }));
}

/** Reads every TypeScript file below `root`. */
export function readTree(root: string): SourceFile[] {
  return globSync('**/*.ts', { cwd: root })
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return {
        path,
        room: path.split('/')[0] ?? '',
        text,
        imports: readImports(root, path, text),
      };
    });
}
