// What the page and its worker say to each other.

/** Files by their paths in the project. */
export type Files = Readonly<Record<string, string>>;

export type Request =
  | { kind: "run"; id: number; files: Files; arguments: readonly string[] }
  | { kind: "server"; text: string };

/** What a command printed, and its exit code. */
export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Answer =
  | { kind: "ready" }
  | { kind: "broken"; why: string }
  | ({ kind: "result"; id: number } & Result)
  | { kind: "server"; text: string };
