const NOT_ASCII = /[\u007f-\uffff]/g;

/** The forms of a line: those that text formats produce. */
export function textForms(text: string): ReadonlySet<string> {
  return withMisreadBytes([text, ...jsonForms(text), ...urlForms(text)]);
}

/** The forms of a whole value: those of text formats, and those of its bytes. */
export function allForms(text: string): ReadonlySet<string> {
  const bytes = Buffer.from(text);
  const forms = new Set([...textForms(text), ...base64Forms(bytes), bytes.toString('hex')]);
  return forms.add(bytes.toString('hex').toUpperCase());
}

/** How JSON writers escape, and the same within a text of other JSON. */
function jsonForms(text: string): readonly string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  const ascii = plain.replaceAll(NOT_ASCII, unicodeEscape);
  // The minimum; all but ASCII (Python); slashes too (PHP); what HTML reads (Go); what attributes of HTML read (.NET).
  const written = new Set([
    plain,
    ascii,
    plain.replaceAll(NOT_ASCII, upperEscape),
    escapeSlashes(plain),
    escapeSlashes(ascii),
    plain.replaceAll(/[<>&\u2028\u2029]/g, unicodeEscape),
    plain.replaceAll('\\"', '\\u0022').replaceAll(/[<>&'+`\u007f-\uffff]/g, upperEscape),
  ]);
  return [...written].flatMap((form) => {
    const inText = JSON.stringify(form).slice(1, -1);
    return [form, inText, escapeSlashes(inText)];
  });
}

/** `encodeURI`, `encodeURIComponent`, RFC 3986, that with slashes left, and form encoding, with upper and lower case digits. */
function urlForms(text: string): readonly string[] {
  const component = encodeURIComponent(text);
  const strict = component.replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  const forms = [
    encodeURI(text),
    component,
    strict,
    strict.replaceAll('%2F', '/'),
    new URLSearchParams([['', text]]).toString().slice(1),
  ];
  return forms.flatMap((form) => [form, form.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase())]);
}

/**
 * Base64 of the value at each of the three places where it may begin within a group (RFC 4648 section 4), as far as
 * only the value decides the characters; and to the end of the data, with and without padding.
 */
function* base64Forms(bytes: Buffer): Generator<string> {
  for (const before of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const unpadded = encoded.replace(/=+$/, '');
    const first = Math.ceil((before * 8) / 6);
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    for (const form of [encoded.slice(first, whole), unpadded.slice(first), encoded.slice(first)]) {
      yield form;
      yield form.replaceAll('+', '-').replaceAll('/', '_');
    }
  }
}

/** UTF-8 that was read as Latin-1: what `redactBytes` sees, and what a program with a wrong setting prints. */
function withMisreadBytes(forms: readonly string[]): ReadonlySet<string> {
  return new Set([...forms, ...forms.map((form) => Buffer.from(form).toString('latin1'))]);
}

function escapeSlashes(text: string): string {
  return text.replaceAll('/', '\\/');
}

function unicodeEscape(unit: string): string {
  return `\\u${hexOf(unit)}`;
}

function upperEscape(unit: string): string {
  return `\\u${hexOf(unit).toUpperCase()}`;
}

function hexOf(unit: string): string {
  return unit.charCodeAt(0).toString(16).padStart(4, '0');
}
