'use strict'
// Starts a directory of identities (in memory) and a personal data server (in a temporary folder), both on 127.0.0.1,
// makes the accounts alice.test and bob.test, and prints one line of JSON: { origin, accounts: [{ handle, did, password }] }.
// Serves until standard input closes: when the tests end, however they end, so does this.
const crypto = require('node:crypto')
const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')

// Both servers listen on a port without naming a host, which would open them to the network.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...rest) {
  if (typeof port === 'number' && typeof rest[0] !== 'string') rest.unshift('127.0.0.1')
  return listen.call(this, port, ...rest)
}

const freePort = () => new Promise((resolve, reject) => {
  const server = net.createServer().on('error', reject)
  server.listen(0, () => {
    const { port } = server.address()
    server.close(() => resolve(port))
  })
})

async function call(origin, method, body, token) {
  const headers = { 'content-type': 'application/json' }
  if (token) headers.authorization = `Bearer ${token}`
  const answer = await fetch(`${origin}/xrpc/${method}`, { method: 'POST', headers, body: JSON.stringify(body) })
  const value = await answer.json()
  if (!answer.ok) throw new Error(`${method}: ${answer.status} ${JSON.stringify(value)}`)
  return value
}

async function makeAccount(origin, name) {
  const handle = `${name}.test`
  const made = await call(origin, 'com.atproto.server.createAccount', {
    handle, email: `${name}@example.test`, password: crypto.randomUUID(),
  })
  const app = await call(origin, 'com.atproto.server.createAppPassword', { name: 'greenlit' }, made.accessJwt)
  return { handle, did: made.did, password: app.password }
}

async function main() {
  process.env.LOG_ENABLED = 'false'
  const plcLibrary = require('@did-plc/server')
  const { PDS, envToCfg, envToSecrets } = require('@atproto/pds')

  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'greenlit-pds-'))
  const plcPort = await freePort()
  const plc = plcLibrary.PlcServer.create({ db: plcLibrary.Database.mock(), port: plcPort })
  await plc.start()

  const port = await freePort()
  const settings = {
    devMode: true,
    port,
    hostname: 'localhost',
    dataDirectory: folder,
    blobstoreDiskLocation: path.join(folder, 'blobs'),
    blobUploadLimit: 5 * 1024 * 1024,
    didPlcUrl: `http://127.0.0.1:${plcPort}`,
    plcRotationKeyK256PrivateKeyHex: crypto.randomBytes(32).toString('hex'),
    jwtSecret: crypto.randomBytes(16).toString('hex'),
    adminPassword: crypto.randomBytes(16).toString('hex'),
    serviceHandleDomains: ['.test'],
    bskyAppViewUrl: 'https://appview.invalid',
    bskyAppViewDid: 'did:example:invalid',
    modServiceUrl: 'https://moderator.invalid',
    modServiceDid: 'did:example:invalid',
    inviteRequired: false,
    disableSsrfProtection: true,
    rateLimitsEnabled: false,
  }
  const pds = await PDS.create(envToCfg(settings), envToSecrets(settings))
  await pds.start()

  const origin = `http://127.0.0.1:${port}`
  const accounts = [await makeAccount(origin, 'alice'), await makeAccount(origin, 'bob')]
  process.stdout.write(JSON.stringify({ origin, accounts }) + '\n')

  process.stdin.resume().on('end', async () => {
    await Promise.allSettled([pds.destroy(), plc.destroy()])
    fs.rmSync(folder, { recursive: true, force: true })
    process.exit(0)
  })
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
