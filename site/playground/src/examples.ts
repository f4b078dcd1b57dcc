/** A program that the page offers; build.py writes the list from the lesson in intents/. */
export interface Example {
  readonly title: string;
  readonly text: string;
}

/** The examples of the build. */
export async function examples(): Promise<readonly Example[]> {
  const answer = await fetch("examples.json");
  return answer.ok ? ((await answer.json()) as Example[]) : [];
}
