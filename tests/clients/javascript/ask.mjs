// One scene with OpenAI's official client, told as one line of JSON: what came, or which error the client raised.
import OpenAI from "openai";

const [baseURL, apiKey, scene, question] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const messages = [
  { role: "system", content: "Answer without citations." },
  { role: "user", content: question },
];
const asked = { model: "muniment", messages };

async function stream() {
  const chunks = [];
  const told = await client.chat.completions.create({ ...asked, stream: true, stream_options: { include_usage: true } });
  try {
    for await (const chunk of told) chunks.push(chunk);
  } catch (error) {
    return { chunks, error: error.constructor.name, message: error.message };
  }
  return { chunks };
}

async function accumulated() {
  const runner = client.chat.completions.stream({ ...asked, stream_options: { include_usage: true } });
  return await runner.finalChatCompletion();
}

const scenes = {
  whole: () => client.chat.completions.create(asked),
  stream,
  accumulated,
  models: async () => (await client.models.list()).data,
  tools: () =>
    client.chat.completions.create({ ...asked, tools: [{ type: "function", function: { name: "f", parameters: {} } }] }),
};

try {
  console.log(JSON.stringify(await scenes[scene]()));
} catch (error) {
  console.log(JSON.stringify({ error: error.constructor.name, status: error.status, code: error.code, param: error.param }));
}
