/** Where tokens and registrations outlive the process. Whoever implements it encrypts what it is given. */
export interface TokenStore {
  load(name: string): Promise<string | undefined>;
  save(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  names(): Promise<readonly string[]>;
}

/** For as long as the process lives. */
export function createMemoryTokenStore(): TokenStore {
  const texts = new Map<string, string>();
  return {
    load: (name) => Promise.resolve(texts.get(name)),
    save: (name, text) => Promise.resolve(void texts.set(name, text)),
    remove: (name) => Promise.resolve(void texts.delete(name)),
    names: () => Promise.resolve([...texts.keys()]),
  };
}
