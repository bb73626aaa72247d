// A provider for Sluice that is not ours. Prints its URL as one line and serves until its standard
// input ends.
//
//   node provider.js
//
// What it answers depends on what the last message of the user says.
import { LLMock } from "@copilotkit/aimock";

const provider = new LLMock({ port: 0, chunkSize: 4 });
const usage = { prompt_tokens: 9, completion_tokens: 11, total_tokens: 20, input_tokens: 9, output_tokens: 11 };
const tool = { toolCalls: [{ name: "GetWeather", arguments: { city: "Paris" } }] };
provider
  .on({ userMessage: "weather", hasToolResult: true }, { content: "It is sunny in Paris." })
  .on({ userMessage: "weather", hasToolResult: false }, tool)
  .on({ userMessage: "Describe" }, { content: JSON.stringify({ name: "Seine", kilometres: 775 }) })
  .on({ userMessage: "Refuse" }, { error: { message: "That is not allowed.", type: "invalid_request_error" }, status: 400 })
  .on({ userMessage: "Break off" }, { content: "The river runs, and then it" }, { truncateAfterChunks: 4, latency: 50 })
  .on({ userMessage: "water" }, { content: "Water finds its way through every gate.", usage });
// Each model of the provider fails on its own account.
for (const model of ["compatible", "vendor", "claude"]) {
  for (const status of [429, 503]) {
    const userMessage = `Fail once with ${status}`;
    const failure = { error: { message: "Not now.", type: "server_error" }, status };
    provider
      .on({ model, userMessage, sequenceIndex: 0 }, failure)
      .on({ model, userMessage, sequenceIndex: 1 }, { content: `Now it works, after ${status}.` });
  }
}
await provider.start();
console.log(provider.url);
process.stdin.resume().on("end", async () => {
  await provider.stop();
  process.exit(0);
});
