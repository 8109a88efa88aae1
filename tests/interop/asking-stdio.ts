import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createAskingServer } from './asking-server.ts';

await createAskingServer().connect(new StdioServerTransport());
