import type { Logger } from '@hostler/kernel';

export interface LogRecord {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Keeps what is logged. */
export class RecordingLog implements Logger {
  readonly records: LogRecord[] = [];

  debug = (fields: object, message: string): void => this.#add('debug', fields, message);
  info = (fields: object, message: string): void => this.#add('info', fields, message);
  warn = (fields: object, message: string): void => this.#add('warn', fields, message);
  error = (fields: object, message: string): void => this.#add('error', fields, message);

  of(level: LogRecord['level']): LogRecord[] {
    return this.records.filter((record) => record.level === level);
  }

  #add(level: LogRecord['level'], fields: object, message: string): void {
    this.records.push({ level, fields: { ...fields }, message });
  }
}
