import type { AuditSink } from './audit-sink.ts';

/** Lines on a stream that somebody else owns, such as standard output. */
export function createStreamSink(name: string, stream: NodeJS.WritableStream): AuditSink {
  // Each write is told of its own failure.
  const ignore = (): void => undefined;
  let hasFailed = false;
  return {
    name,
    open() {
      stream.on('error', ignore);
      return Promise.resolve(undefined);
    },
    write(lines) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      if (!stream.writable) return Promise.reject(new Error('the stream is closed'));
      stream.write(`${lines.join('\n')}\n`, (error) => {
        hasFailed ||= error != null;
        return error == null ? resolve() : reject(error);
      });
      return promise;
    },
    close() {
      // The event follows the failure of the write.
      if (!hasFailed) stream.off('error', ignore);
      return Promise.resolve();
    },
  };
}
