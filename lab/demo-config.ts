// The shop's configuration as it is delivered. In the source rather than beside it, so that a build needs no extra files.

export const webJson = `{
  "currency": "EUR",
  "cacheTtlMs": 30000,
  "upstreamTimeoutMs": 800,
  "workers": 4
}
`;

export const workerYaml = `# The order worker of the demo shop.

# Pause between two polls of the partner's API. The partner allows a number of calls a second.
delayMs: 800
# Orders fetched by one poll.
batchSize: 20
# How often a test customer checks out.
checkoutEveryMs: 1000
# An answer that takes longer is given up.
timeoutMs: 3000
`;

export const upstreamJson = `{ "ordersPerSecond": 20, "burst": 2 }
`;

export const stockJson = `{ "holdMinutes": 15 }
`;
