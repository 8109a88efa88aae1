/** ECMA-48: CSI sequences, strings (OSC, DCS, SOS, PM, APC) up to their terminator, and two-character escapes. */
const ESCAPE_SEQUENCE =
  // eslint-disable-next-line no-control-regex -- control characters are what this looks for
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]/g;

// eslint-disable-next-line no-control-regex -- as above; tab and newline stay
const CONTROL_CHARACTER = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Characters that reorder or hide text: bidirectional controls, zero-width characters, separators of lines. */
const DECEPTIVE_CHARACTER = /[\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text from elsewhere as it may reach a terminal: nothing that moves the cursor, changes colours or reorders. */
export function printable(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(ESCAPE_SEQUENCE, '')
    .replaceAll(CONTROL_CHARACTER, '')
    .replaceAll(DECEPTIVE_CHARACTER, '');
}

/** The same on one line. */
export function printableLine(text: string): string {
  return printable(text.replaceAll(/[\r\n\t\u2028\u2029]+/g, ' ')).trim();
}

/** Nothing is left out, everything unusual is spelled `\uXXXX`: for text whose exact form matters, such as a command. */
export function spelledOut(text: string): string {
  // eslint-disable-next-line no-control-regex -- as above
  const unusual = /[\u0000-\u001f\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
  return text.replaceAll(unusual, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
