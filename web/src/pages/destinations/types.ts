/** The types of destinations as people know them. */
const names: Record<string, string> = {
  webhook: 'Webhook',
  'otel-collector': 'OpenTelemetry collector',
  langfuse: 'Langfuse',
  langsmith: 'LangSmith',
  braintrust: 'Braintrust',
  arize: 'Arize',
  grafana: 'Grafana Cloud',
  newrelic: 'New Relic',
  opik: 'Opik',
  sentry: 'Sentry',
  weave: 'Weave',
  s3: 'S3 or compatible',
  clickhouse: 'ClickHouse',
  snowflake: 'Snowflake',
  datadog: 'Datadog',
  posthog: 'PostHog',
}

export const typeName = (type: string) => names[type] ?? type

const abbreviations = new Set(['url', 'dsn', 'id', 'otlp', 'api'])

/** The name of a value as a label: `accessKeyId` is "Access key ID". */
export function labelOf(value: string): string {
  const words = value.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase().split(' ')
  const text = words.map((w) => (abbreviations.has(w) ? w.toUpperCase() : w)).join(' ')
  return text[0]!.toUpperCase() + text.slice(1)
}

/** Headers as lines of "Name: value"; null where a line is none. */
export function headersOf(lines: string): Record<string, string> | null {
  const out: Record<string, string> = {}
  for (const line of lines.split('\n').filter((l) => l.trim())) {
    const colon = line.indexOf(':')
    if (colon < 1) return null
    out[line.slice(0, colon).trim()] = line.slice(colon + 1).trim()
  }
  return out
}

export const linesOf = (headers: unknown) =>
  Object.entries((headers ?? {}) as Record<string, string>)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')
