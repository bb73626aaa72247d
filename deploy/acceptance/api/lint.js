// Lints the published descriptions with their standards' own tools: prints what is wrong, and last
// how many documents were good.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Parser } from '@asyncapi/parser'
import { AvroSchemaParser } from '@asyncapi/avro-schema-parser'

const [openapi, asyncapi] = process.argv.slice(2)

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { status } = spawnSync(
  process.execPath,
  [here('node_modules/@redocly/cli/bin/cli.js'), 'lint', '--config', here('redocly.yaml'), openapi],
  {
    stdio: 'inherit',
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  },
)
if (status !== 0) process.exit(1)

const parser = new Parser()
parser.registerSchemaParser(AvroSchemaParser())
const { document, diagnostics } = await parser.parse(readFileSync(asyncapi, 'utf8'))
// Severity 0 is an error, 1 a warning; the rest is advice.
const wrong = diagnostics.filter(({ severity }) => severity <= 1)
for (const { message, path, code } of wrong) console.error(`${path.join('/')}: ${message} (${code})`)
if (!document || wrong.length > 0) process.exit(1)

console.log(2)
