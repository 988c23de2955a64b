/** What the simulation gives to the program that runs inside it. Everything crosses as text, as both sides have built-in types of their own. */
declare const __simulation: {
  /** The resolved catalog, as JSON. */
  catalog(): string;
  /** Sends one message; the outcome comes back as JSON, once or never. `attempt` is the attempt as JSON. */
  send(sender: string, attempt: string, signal: AbortSignal, resolve: (outcome: string) => void, reject: (error: string) => void): void;
  /** The process has come to its end. */
  finished(result: string): void;
  failed(kind: string, message: string): void;
};
