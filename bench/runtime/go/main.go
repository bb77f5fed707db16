// SPDX-License-Identifier: MIT

// The runtime benchmark's rows in Go, on one processor as an event loop has.
//
// usage: go_peer ROW N     prints nanoseconds (or bytes) for each of N
//
//	go_peer echo PORT serves until killed
package main

import (
	"fmt"
	"math/rand"
	"net"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

func pair(n int, f func(n int)) {
	var done sync.WaitGroup
	done.Add(2)
	for i := 0; i < 2; i++ {
		go func() { f(n / 2); done.Done() }()
	}
	done.Wait()
}

func yields(n int) time.Duration {
	pair(n, func(n int) {
		for i := 0; i < n; i++ {
			runtime.Gosched()
		}
	})
	return 0
}

func spawn(n int) time.Duration {
	var done sync.WaitGroup
	for i := 0; i < n; i++ {
		done.Add(1)
		go func() { done.Done() }()
		done.Wait()
	}
	return 0
}

func batch(n int) time.Duration {
	var done sync.WaitGroup
	for i := 0; i < n; i += 100 {
		done.Add(100)
		for j := 0; j < 100; j++ {
			go func() { done.Done() }()
		}
		done.Wait()
	}
	return 0
}

func queue(n int) time.Duration {
	q := make(chan int, 1)
	go func() {
		for i := 0; i < n; i++ {
			q <- i
		}
		close(q)
	}()
	for range q {
	}
	return 0
}

func lock(n int) time.Duration {
	var mutex sync.Mutex
	for i := 0; i < n; i++ {
		mutex.Lock()
		mutex.Unlock()
	}
	return 0
}

func timer(n int) time.Duration {
	var waiting []*time.Timer
	for i := 0; i < 10000; i++ {
		waiting = append(waiting, time.AfterFunc(1000*time.Second+time.Duration(rand.Intn(1e9)), func() {}))
	}
	begin := time.Now()
	for i := 0; i < n; i++ {
		time.AfterFunc(500*time.Second, func() {}).Stop()
	}
	spent := time.Since(begin)
	for _, t := range waiting {
		t.Stop()
	}
	return spent
}

func cpu() time.Duration {
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func storm(n int) time.Duration {
	begin := cpu()
	var done sync.WaitGroup
	done.Add(n)
	for i := 0; i < n; i++ {
		go func() { time.Sleep(time.Duration(rand.Intn(1e9))); done.Done() }()
	}
	done.Wait()
	return cpu() - begin
}

func resident() int64 {
	data, _ := os.ReadFile("/proc/self/statm")
	var size, pages int64
	fmt.Sscan(string(data), &size, &pages)
	return pages * int64(os.Getpagesize())
}

func memory(n int) time.Duration {
	runtime.GC()
	before := resident()
	until := make(chan bool)
	for i := 0; i < n; i++ {
		go func() { <-until }()
	}
	runtime.Gosched()
	grown := resident() - before
	close(until)
	return time.Duration(grown)
}

func echo(port int) {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		panic(err)
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			buffer := make([]byte, 16384)
			for {
				n, err := conn.Read(buffer)
				if err != nil {
					return
				}
				conn.Write(buffer[:n])
			}
		}()
	}
}

func main() {
	runtime.GOMAXPROCS(1)
	rows := map[string]func(int) time.Duration{"yield": yields, "spawn": spawn, "batch": batch, "queue": queue,
		"lock": lock, "timer": timer, "storm": storm, "memory": memory}
	n, _ := strconv.Atoi(os.Args[2])
	if os.Args[1] == "echo" {
		echo(n)
		return
	}
	row := rows[os.Args[1]]
	if row == nil {
		os.Exit(3)
	}
	if os.Args[1] != "memory" {
		row(n/10 + 100)
	}
	begin := time.Now()
	spent := row(n)
	if spent == 0 {
		spent = time.Since(begin)
	}
	fmt.Println(float64(spent) / float64(n))
}
