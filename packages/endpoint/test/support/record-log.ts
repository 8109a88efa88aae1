import type { Logger } from '@hostler/kernel';

export interface LogRecord {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

/** A logger whose records a test can look at. */
export class RecordLog implements Logger {
  readonly records: LogRecord[] = [];

  debug(fields: object, message: string): void {
    this.records.push({ level: 'debug', fields, message });
  }

  info(fields: object, message: string): void {
    this.records.push({ level: 'info', fields, message });
  }

  warn(fields: object, message: string): void {
    this.records.push({ level: 'warn', fields, message });
  }

  error(fields: object, message: string): void {
    this.records.push({ level: 'error', fields, message });
  }

  messages(level: LogRecord['level']): string[] {
    return this.records.filter((record) => record.level === level).map(({ message }) => message);
  }
}
