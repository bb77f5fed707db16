// SPDX-License-Identifier: MIT

//! The runtime benchmark's rows in tokio, on its current-thread runtime.
//!
//! usage: tokio_peer ROW N     prints nanoseconds (or bytes) for each of N
//!        tokio_peer echo PORT serves until killed
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, Mutex, Semaphore};
use tokio::task::{spawn_local, yield_now, JoinSet};

fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

/// Numbers that differ, without a crate for it.
fn scatter(i: usize) -> u64 {
    (i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 34
}

async fn turns(n: usize) {
    for _ in 0..n {
        yield_now().await;
    }
}

async fn queue(n: usize) {
    let (tx, mut rx) = mpsc::channel(1);
    let producer = spawn_local(async move {
        for i in 0..n {
            tx.send(i).await.unwrap();
        }
    });
    while rx.recv().await.is_some() {}
    producer.await.unwrap();
}

async fn timers(n: usize) -> Duration {
    let far = Instant::now() + Duration::from_secs(1000);
    let mut waiting: Vec<_> = (0..10000)
        .map(|i| Box::pin(tokio::time::sleep_until((far + Duration::from_nanos(scatter(i))).into())))
        .collect();
    for sleep in &mut waiting {
        let _ = std::future::poll_fn(|cx| std::task::Poll::Ready(std::future::Future::poll(sleep.as_mut(), cx))).await;
    }
    let begin = Instant::now();
    for _ in 0..n {
        let mut sleep = std::pin::pin!(tokio::time::sleep(Duration::from_secs(500)));
        let _ = std::future::poll_fn(|cx| std::task::Poll::Ready(std::future::Future::poll(sleep.as_mut(), cx))).await;
    }
    begin.elapsed()
}

async fn storm(n: usize) -> Duration {
    let begin = cpu();
    let mut set = JoinSet::new();
    for i in 0..n {
        set.spawn_local(tokio::time::sleep(Duration::from_nanos(scatter(i) % 1_000_000_000)));
    }
    while set.join_next().await.is_some() {}
    cpu() - begin
}

async fn memory(n: usize) -> Duration {
    let before = resident();
    let gate = Arc::new(Semaphore::new(0));
    let started = Rc::new(Cell::new(0));
    let mut set = JoinSet::new();
    for _ in 0..n {
        let (gate, started) = (gate.clone(), started.clone());
        set.spawn_local(async move {
            started.set(started.get() + 1);
            let _ = gate.acquire().await;
        });
    }
    while started.get() < n {
        yield_now().await;
    }
    let grown = resident() - before;
    gate.close();
    while set.join_next().await.is_some() {}
    Duration::from_nanos(grown)
}

async fn echo(port: usize) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port as u16)).await.unwrap();
    loop {
        let (mut socket, _) = listener.accept().await.unwrap();
        spawn_local(async move {
            let mut buffer = vec![0; 16384];
            while let Ok(n) = socket.read(&mut buffer).await {
                if n == 0 || socket.write_all(&buffer[..n]).await.is_err() {
                    return;
                }
            }
        });
    }
}

/// What one row took; None for a row that tokio has no counterpart of.
async fn row(name: &str, n: usize) -> Option<Duration> {
    let begin = Instant::now();
    match name {
        "yield" => {
            let other = spawn_local(turns(n / 2));
            turns(n / 2).await;
            other.await.unwrap();
        }
        "spawn" => {
            for _ in 0..n {
                spawn_local(async {}).await.unwrap();
            }
        }
        "batch" => {
            for _ in 0..n / 100 {
                let mut set = JoinSet::new();
                for _ in 0..100 {
                    set.spawn_local(async {});
                }
                while set.join_next().await.is_some() {}
            }
        }
        "queue" => queue(n).await,
        "lock" => {
            let mutex = Mutex::new(0);
            for _ in 0..n {
                *mutex.lock().await += 1;
            }
        }
        "timer" => return Some(timers(n).await),
        "storm" => return Some(storm(n).await),
        "memory" => return Some(memory(n).await),
        "thread" => {
            for _ in 0..n {
                tokio::task::spawn_blocking(|| 0).await.unwrap();
            }
        }
        _ => return None,
    }
    Some(begin.elapsed())
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let (name, n) = (args[1].as_str(), args[2].parse::<usize>().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        if name == "echo" {
            echo(n).await;
        }
        if name != "memory" {
            row(name, n / 10 + 100).await;
        }
        match row(name, n).await {
            Some(spent) => println!("{}", spent.as_nanos() as f64 / n as f64),
            None => std::process::exit(3),
        }
    });
}
