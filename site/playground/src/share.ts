// A program in the address of the page: compressed, and never sent, as fragments stay in the browser.

const LONGEST = 200_000;

/** The fragment that carries a program; undefined where it would be longer than is read again. */
export async function toFragment(text: string): Promise<string | undefined> {
  const bytes = await piped(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const code = btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/={1,2}$/, "");
  return code.length > LONGEST ? undefined : `#${code}`;
}

/** The program that a fragment carries; undefined where there is none or it is damaged. */
export async function fromFragment(fragment: string): Promise<string | undefined> {
  const code = fragment.replace(/^#/, "");
  if (code === "" || code.length > LONGEST) return undefined;
  try {
    const binary = atob(code.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (sign) => sign.charCodeAt(0));
    const text = await piped(bytes, new DecompressionStream("deflate-raw"));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text);
  } catch {
    return undefined;
  }
}

async function piped(
  bytes: Uint8Array<ArrayBuffer>,
  through: GenericTransformStream,
): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(through as ReadableWritablePair);
  return new Uint8Array(await new Response(stream as ReadableStream).arrayBuffer());
}
