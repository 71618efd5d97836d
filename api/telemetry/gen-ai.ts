// Names of OpenTelemetry's conventions for generative AI. They are still "Development" there and may change: so they stand
// here alone. https://opentelemetry.io/docs/specs/semconv/gen-ai/
export const genAi = {
  operation: "gen_ai.operation.name",
  agent: "gen_ai.agent.name",
  conversation: "gen_ai.conversation.id",
  provider: "gen_ai.provider.name",
  requestModel: "gen_ai.request.model",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  tool: "gen_ai.tool.name",
  errorType: "error.type",
} as const;

export const operations = {
  workflow: "invoke_workflow",
  agent: "invoke_agent",
  plan: "plan",
  tool: "execute_tool",
  chat: "chat",
} as const;
