/** One value of a unit file: in quotes, with everything escaped that systemd would read in another way (systemd.syntax(7)). */
export const unitValue = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`;

const PLAIN = /^[\w./@+,:=-]+$/;

/** One word of a command: a dollar sign would begin a variable (systemd.service(5)). */
export const unitWord = (text: string): string => (PLAIN.test(text) ? text : unitValue(text).replaceAll('$', '$$$$'));

/** A whole line, such as a description, without quotes. */
export const unitText = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('%', '%%');
