import { fromJsonSchema } from '@modelcontextprotocol/server';
import type { JsonSchemaType, McpServer } from '@modelcontextprotocol/server';
import { samplePng, sampleWav } from './samples.ts';

/** Tools that answer at once; names and texts are those that the conformance suite asks for. */
export function registerContentTools(server: McpServer): void {
  server.registerTool('test_simple_text', { description: 'Answers with one text block' }, () => ({
    content: [{ type: 'text', text: 'This is a simple text response for testing.' }],
  }));
  server.registerTool('test_image_content', { description: 'Answers with a PNG' }, () => ({
    content: [{ type: 'image', data: samplePng, mimeType: 'image/png' }],
  }));
  server.registerTool('test_audio_content', { description: 'Answers with a WAV' }, () => ({
    content: [{ type: 'audio', data: sampleWav, mimeType: 'audio/wav' }],
  }));
  server.registerTool('test_embedded_resource', { description: 'Answers with an embedded resource' }, () => ({
    content: [
      {
        type: 'resource',
        resource: {
          uri: 'test://embedded-resource',
          mimeType: 'text/plain',
          text: 'This is an embedded resource content.',
        },
      },
    ],
  }));
  server.registerTool('test_multiple_content_types', { description: 'Answers with text, image and resource' }, () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      { type: 'image', data: samplePng, mimeType: 'image/png' },
      {
        type: 'resource',
        resource: {
          uri: 'test://mixed-content-resource',
          mimeType: 'application/json',
          text: JSON.stringify({ test: 'data', value: 123 }),
        },
      },
    ],
  }));
  server.registerTool('test_error_handling', { description: 'Always fails' }, () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  registerSchemaTools(server);
}

/** Tools whose definition is the point: what a host must carry through unchanged. */
function registerSchemaTools(server: McpServer): void {
  server.registerTool(
    'json_schema_2020_12_tool',
    { description: 'Tool with JSON Schema 2020-12 features', inputSchema: fromJsonSchema(schemaOfManyKeywords) },
    (parameters) => ({ content: [{ type: 'text', text: JSON.stringify(parameters) }] }),
  );
  server.registerTool(
    'test_mirrored_header',
    {
      description: 'Has an argument that modern clients repeat in the header Mcp-Param-Region',
      inputSchema: fromJsonSchema<{ region: string }>(schemaWithHeader),
    },
    ({ region }) => ({ content: [{ type: 'text', text: region }] }),
  );
  server.registerTool(
    'test_structured_object',
    {
      description: 'Answers with structured content that is an object',
      outputSchema: fromJsonSchema({
        type: 'object',
        properties: { answer: { type: 'number' } },
        required: ['answer'],
      }),
    },
    () => ({ content: [{ type: 'text', text: '{"answer":42}' }], structuredContent: { answer: 42 } }),
  );
  server.registerTool(
    'test_structured_list',
    {
      description: 'Answers with structured content that is a list, which revisions before 2026-07-28 cannot carry',
      outputSchema: fromJsonSchema({ type: 'array', items: { type: 'number' } }),
    },
    () => ({ content: [{ type: 'text', text: '[1,2,3]' }], structuredContent: [1, 2, 3] }),
  );
}

// The SDK's type of a schema does not know the keyword, its server reads it all the same.
const mirrored = { type: 'string', 'x-mcp-header': 'Region' } as const;

const schemaWithHeader: JsonSchemaType = { type: 'object', properties: { region: mirrored }, required: ['region'] };

// oxlint-disable unicorn/no-thenable -- `then` is a keyword of JSON Schema
const schemaOfManyKeywords = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
} as const;
