// A span of time as a request carries it.
export function isoSpan(span: { from: number | undefined; to: number | undefined }): {
  from?: string;
  to?: string;
} {
  return {
    ...(span.from !== undefined && { from: new Date(span.from).toISOString() }),
    ...(span.to !== undefined && { to: new Date(span.to).toISOString() }),
  };
}
