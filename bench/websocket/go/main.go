// SPDX-License-Identifier: MIT

// The WebSocket benchmark's Go peer: nbio, which holds no goroutine for a
// connection that waits.
package main

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"sync"

	"github.com/lesismal/nbio/nbhttp"
	"github.com/lesismal/nbio/nbhttp/websocket"
)

var (
	lock sync.Mutex
	all  = map[*websocket.Conn]bool{}
)

func echo() *websocket.Upgrader {
	u := websocket.NewUpgrader()
	u.OnMessage(func(c *websocket.Conn, kind websocket.MessageType, data []byte) {
		_ = c.WriteMessage(kind, data)
	})
	return u
}

func broadcast() *websocket.Upgrader {
	u := websocket.NewUpgrader()
	u.OnOpen(func(c *websocket.Conn) {
		lock.Lock()
		all[c] = true
		lock.Unlock()
	})
	u.OnClose(func(c *websocket.Conn, err error) {
		lock.Lock()
		delete(all, c)
		lock.Unlock()
	})
	u.OnMessage(func(c *websocket.Conn, kind websocket.MessageType, data []byte) {
		lock.Lock()
		for other := range all {
			_ = other.WriteMessage(kind, data)
		}
		lock.Unlock()
	})
	return u
}

func handle(u *websocket.Upgrader) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { _, _ = u.Upgrade(w, r, nil) }
}

func main() {
	runtime.GOMAXPROCS(1)
	mux := &http.ServeMux{}
	mux.HandleFunc("/echo", handle(echo()))
	mux.HandleFunc("/broadcast", handle(broadcast()))
	engine := nbhttp.NewEngine(nbhttp.Config{Network: "tcp", Addrs: []string{"127.0.0.1:" + os.Args[1]},
		MaxLoad: 1000000, NPoller: 1, Handler: mux})
	if err := engine.Start(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	select {}
}
