import type { JsonObject } from '@hostler/kernel';

/** Members of a record that are attributes of their own. */
const ATTRIBUTES = ['kind', 'phase', 'id', 'consumer', 'server', 'name', 'method', 'entry', 'result', 'code'] as const;

/** Source: OpenTelemetry Protocol 1.x, JSON encoding of ExportLogsServiceRequest. The body is the line as it is chained. */
export function toOtlpLogs(lines: readonly string[]): string {
  const resource = { attributes: [attribute('service.name', 'hostler')] };
  const scopeLogs = [{ scope: { name: 'hostler.audit' }, logRecords: lines.map(toLogRecord) }];
  return JSON.stringify({ resourceLogs: [{ resource, scopeLogs }] });
}

function toLogRecord(line: string): JsonObject {
  const record = JSON.parse(line) as JsonObject;
  const { time, trace } = record;
  const nanoseconds = typeof time === 'string' ? `${Date.parse(time)}000000` : '0';
  const attributes = ATTRIBUTES.flatMap((name) => {
    const value = record[name];
    return typeof value === 'string' ? [attribute(`hostler.${name}`, value)] : [];
  });
  return {
    timeUnixNano: nanoseconds,
    observedTimeUnixNano: nanoseconds,
    severityNumber: 9,
    severityText: 'INFO',
    body: { stringValue: line },
    attributes,
    ...(typeof trace === 'string' && { traceId: trace }),
  };
}

function attribute(key: string, value: string): JsonObject {
  return { key, value: { stringValue: value } };
}
