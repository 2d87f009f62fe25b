// The few names of Node.js that unit tests use. @types/node would add its globals to the page's code.
declare function setImmediate(run: () => void): void;

declare module 'node:test' {
  type Run = () => void | Promise<void>;
  export function test(name: string, run: Run): Promise<void>;
  export function beforeEach(run: Run): void;
  export function afterEach(run: Run): void;
}

declare module 'node:assert/strict' {
  interface Assert {
    equal(actual: unknown, expected: unknown, message?: string): void;
    notEqual(actual: unknown, expected: unknown, message?: string): void;
    deepEqual(actual: unknown, expected: unknown, message?: string): void;
    match(actual: string, expected: RegExp, message?: string): void;
    ok(value: unknown, message?: string): void;
    throws(run: () => unknown, expected?: (error: never) => boolean): void;
    rejects(run: Promise<unknown>, expected?: (error: never) => boolean): Promise<void>;
  }
  const assert: Assert;
  export default assert;
}

declare module 'node:buffer' {
  export const File: typeof globalThis.File;
}

declare module 'node:crypto' {
  export const webcrypto: Crypto;
}
