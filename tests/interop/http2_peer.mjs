// SPDX-License-Identifier: MIT
// node's http2 as a client of examples/probe: requests beside WebSockets on one
// connection (RFC 8441), a large echo, streams that are cut off.
// usage: node http2_peer.mjs ORIGIN [CA-FILE]; exits with 0 if all went well
import assert from 'node:assert'
import fs from 'node:fs'
import http2 from 'node:http2'
import { once } from 'node:events'

const [origin, ca] = process.argv.slice(2)
const client = http2.connect(origin, ca ? { ca: fs.readFileSync(ca) } : {})
setTimeout(() => { console.error('out of time'); process.exit(1) }, 30000).unref()
client.on('error', (e) => { console.error(e); process.exit(1) })

async function ask(headers, body) {
  const stream = client.request(headers)
  stream.end(body)
  const [head] = await once(stream, 'response')
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return { status: head[':status'], body: Buffer.concat(chunks) }
}

function frame(opcode, payload) {
  const mask = Buffer.from([1, 2, 3, 4]), masked = Buffer.from(payload)
  for (let i = 0; i < masked.length; i++) masked[i] ^= mask[i % 4]
  const n = masked.length
  const size = n < 126 ? [0x80 | n] : n < 65536 ? [0xfe, n >> 8, n & 255] : [0xff, 0, 0, 0, 0, n >>> 24, n >> 16 & 255, n >> 8 & 255, n & 255]
  return Buffer.concat([Buffer.from([0x80 | opcode, ...size]), mask, masked])
}

class Socket {
  constructor(stream) {
    this.stream = stream
    this.got = Buffer.alloc(0)
    stream.on('data', (d) => { this.got = Buffer.concat([this.got, d]); stream.emit('more') })
    this.ended = once(stream, 'end')
    this.closed = once(stream, 'close')
  }

  static async open(path = '/ws') {
    const stream = client.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': path,
      'sec-websocket-version': '13' }, { endStream: false })
    const [head] = await once(stream, 'response')
    return head[':status'] === 200 ? new Socket(stream) : head[':status']
  }

  async receive() { // one unfragmented frame
    for (;;) {
      const b = this.got
      let at = 2, n = b.length > 1 ? b[1] : 0
      if (n === 126 && b.length >= 4) { n = b.readUInt16BE(2); at = 4 }
      if (n === 127 && b.length >= 10) { n = Number(b.readBigUInt64BE(2)); at = 10 }
      if (b.length >= 2 && n !== 126 && n !== 127 && b.length >= at + n) {
        this.got = b.subarray(at + n)
        return { opcode: b[0] & 15, data: b.subarray(at, at + n) }
      }
      await once(this.stream, 'more')
    }
  }

  send(opcode, data) { this.stream.write(frame(opcode, data)) }
}

const [settings] = await once(client, 'remoteSettings')
assert.equal(settings.enableConnectProtocol, true)

// Requests.
assert.equal((await ask({ ':path': '/' })).status, 200)
const big = Buffer.alloc(3_000_000, 'abcdefghij')
const echoed = await ask({ ':path': '/echo', ':method': 'POST' }, big)
assert.equal(echoed.status, 200)
assert.ok(echoed.body.equals(big))
assert.equal((await ask({ ':path': '/nowhere', ':method': 'POST' }, big)).status, 404)
assert.equal((await ask({ ':path': '/nocontent' })).status, 204)

// Sockets and requests on one connection.
const sockets = await Promise.all(Array.from({ length: 20 }, () => Socket.open()))
await Promise.all(sockets.map(async (s, i) => {
  for (let n = 0; n < 20; n++) {
    s.send(1, Buffer.from(`message ${n} of ${i}`))
    const m = await s.receive()
    assert.equal(m.opcode, 1)
    assert.equal(m.data.toString(), `message ${n} of ${i}`)
    if (n % 5 === 0) assert.equal((await ask({ ':path': '/' })).status, 200)
  }
  s.send(2, big.subarray(0, 200_000)) // beyond a window, both ways
  assert.ok((await s.receive()).data.equals(big.subarray(0, 200_000)))
}))

// One is cut off, one says goodbye, one ends without a word.
sockets[0].stream.close(http2.constants.NGHTTP2_CANCEL)
await sockets[0].closed
sockets[1].send(8, Buffer.from([0x03, 0xe8]))
assert.deepEqual(await sockets[1].receive(), { opcode: 8, data: Buffer.from([0x03, 0xe8]) })
await sockets[1].ended
sockets[1].stream.end()
await sockets[1].closed
assert.equal(sockets[1].stream.rstCode, 0)
sockets[2].stream.end()
await sockets[2].closed
sockets[3].send(1, Buffer.from('still here'))
assert.equal((await sockets[3].receive()).data.toString(), 'still here')

// What is no socket.
assert.equal(await Socket.open('/'), 403)

// A request that is cut off hurts nobody.
const cut = client.request({ ':path': '/echo', ':method': 'POST' })
cut.write('half a body')
cut.close(http2.constants.NGHTTP2_CANCEL)
await once(cut, 'close')
assert.equal((await ask({ ':path': '/' })).status, 200)
client.close()
for (const s of sockets) s.stream.close()
await once(client, 'close')
